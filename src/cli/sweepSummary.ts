/** What a sweep found: for each experiment the mean and the sample standard deviation over its seeds. */
import { z } from 'zod';
import { table } from './table.ts';

const resultSchema = z.looseObject({
  drelus: z.number(),
  macs: z.number(),
  testAccuracy: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
});

/** One run; `result` as run.json holds it, null where the run failed. Accuracies are shares, 0 to 1. */
export interface SweepRun {
  name: string;
  seed: number;
  result: unknown;
}

/** Mean and sample standard deviation (n − 1); the deviation of fewer than two values is null, the mean of none too. */
interface Spread {
  mean: number | null;
  deviation: number | null;
  values: number[];
}

export interface SweepSummary {
  name: string;
  /** Mean over the runs: SNL that keeps what the threshold keeps may differ from seed to seed. */
  drelus: number | null;
  macs: number | null;
  validationAccuracy: Spread;
  testAccuracy: Spread;
  failed: number;
}

export function spreadOf(values: number[]): Spread {
  const n = values.length;
  const mean = n === 0 ? null : values.reduce((sum, value) => sum + value, 0) / n;
  const deviation =
    n < 2 || mean === null ? null : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return { mean, deviation, values };
}

export function summarise(runs: readonly SweepRun[]): SweepSummary[] {
  return [...new Set(runs.map(({ name }) => name))].map((name) => {
    const own = runs.filter((run) => run.name === name);
    const results = own.flatMap(({ result }) => (result === null ? [] : [resultSchema.parse(result)]));
    const known = (pick: (result: z.infer<typeof resultSchema>) => number | null) =>
      spreadOf(results.map(pick).filter((value) => value !== null));
    return {
      name,
      drelus: known(({ drelus }) => drelus).mean,
      macs: known(({ macs }) => macs).mean,
      validationAccuracy: known(({ validationAccuracy }) => validationAccuracy),
      testAccuracy: known(({ testAccuracy }) => testAccuracy),
      failed: own.length - results.length,
    };
  });
}

const percent = (share: number): string => (100 * share).toFixed(1);

function spreadText({ mean, deviation }: Spread): string {
  if (mean === null) return '–';
  return deviation === null ? `${percent(mean)} %` : `${percent(mean)} ± ${percent(deviation)} %`;
}

export function sweepTable(summaries: readonly SweepSummary[]): string {
  const whole = (value: number | null) => (value === null ? '–' : Math.round(value).toLocaleString('en'));
  return table([
    ['experiment', 'DReLUs', 'MACs', 'validation', 'test', 'runs', 'failed'],
    ...summaries.map(({ name, drelus, macs, validationAccuracy, testAccuracy, failed }) => [
      name,
      whole(drelus),
      whole(macs),
      spreadText(validationAccuracy),
      spreadText(testAccuracy),
      String(Math.max(validationAccuracy.values.length, testAccuracy.values.length)),
      String(failed),
    ]),
  ]);
}
