/** The points of the Pareto plot: finished runs of the user, the trail of the current run, and published results. */
import { datasetName, networkName } from '../../domain/describe.ts';
import type { DatasetChoice } from '../../domain/experiment.ts';
import type { PublishedPoint } from '../../domain/published.ts';
import type { RunHistory, RunSummary } from '../../worker/protocol.ts';
import { styledMethodOf } from '../parts/MethodMark.tsx';
import type { StyledMethod } from '../parts/MethodMark.tsx';

export type DatasetName = DatasetChoice['name'];

export interface OwnPoint {
  run: string;
  name: string;
  method: StyledMethod;
  network: string;
  dataset: DatasetName;
  drelus: number;
  multiplications: number | null;
  /** 0 to 1: test accuracy where it was measured, else validation accuracy. */
  accuracy: number;
  /** The split it was measured on; the paper protocol selects the best test epoch, so its accuracy is too high. */
  split: 'test' | 'best test epoch' | 'validation';
  seed: number;
}

/** One epoch of the current run. */
export interface TrailPoint {
  epoch: number;
  phase: string;
  drelus: number;
  /** 0 to 1, on the validation split; training accuracy where there is none. */
  accuracy: number;
}

function splitOf({ testAccuracy, experiment }: RunSummary): OwnPoint['split'] {
  if (testAccuracy === null) return 'validation';
  return experiment.selection === 'paper' ? 'best test epoch' : 'test';
}

/** Finished runs whose result is known. */
export function ownPoints(runs: readonly RunSummary[]): OwnPoint[] {
  return runs.flatMap((run) => {
    const accuracy = run.testAccuracy ?? run.validationAccuracy;
    if (run.status !== 'done' || run.drelus === null || accuracy === null) return [];
    return [
      {
        run: run.id,
        name: run.name,
        method: styledMethodOf(run.experiment),
        network: networkName(run.experiment.network),
        dataset: run.experiment.dataset.name,
        drelus: run.drelus,
        multiplications: run.multiplications,
        accuracy,
        split: splitOf(run),
        seed: run.experiment.seed,
      },
    ];
  });
}

export const trailOf = (history: RunHistory | undefined): TrailPoint[] =>
  (history?.epochs ?? []).map(({ epoch, phase, drelus, validation, train }) => ({
    epoch,
    phase,
    drelus,
    accuracy: (validation ?? train).accuracy,
  }));

/** The data set whose published results are shown with runs on `dataset`: the built-in data has none of its own. */
export const publishedFor = (dataset: DatasetName): DatasetName => (dataset === 'synthetic' ? 'cifar-10' : dataset);

const quoted = (field: string | number | null): string => {
  const text = field === null ? '' : String(field);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The points shown, own and published, one per line (RFC 4180). */
export function pointsCsv(own: readonly OwnPoint[], published: readonly PublishedPoint[]): string {
  const rows: (string | number | null)[][] = [
    [
      'kind',
      'name',
      'method',
      'network',
      'dataset',
      'drelus',
      'multiplications',
      'accuracy_percent',
      'split',
      'seed',
      'source',
    ],
    ...own.map((p) => [
      'own',
      p.name,
      p.method,
      p.network,
      datasetName(p.dataset),
      p.drelus,
      p.multiplications,
      Number((p.accuracy * 100).toFixed(4)),
      p.split,
      p.seed,
      null,
    ]),
    ...published.map((p) => [
      'published',
      null,
      p.method,
      p.network,
      datasetName(p.dataset),
      p.drelus,
      null,
      Number((p.accuracy * 100).toFixed(4)),
      'test',
      null,
      p.source,
    ]),
  ];
  return rows.map((row) => row.map(quoted).join(',')).join('\r\n') + '\r\n';
}
