/** `relu-studio count`: DReLUs, multiplications, MACs, parameters and latency of an experiment's network, without a GPU. */
import { budgetOf, gateMapOf } from '../domain/composition.ts';
import { countsOf } from '../domain/counting.ts';
import { methodTitle } from '../domain/describeMethods.ts';
import type { Experiment } from '../domain/experiment.ts';
import { DEFAULT_SETTINGS, latencyOf, type Cost, type LatencySettings } from '../domain/latency.ts';
import { readExperiment } from './experimentFile.ts';
import { UsageError } from './errors.ts';
import { positiveNumber, readOptions, required, wholeNumber } from './options.ts';
import { table } from './table.ts';

export const COUNT_HELP = `usage: relu-studio count --experiment FILE [--json]

Counts what one private inference of the experiment's network costs, once its methods have been applied. Masks that are not
known before the run count as kept; the budget is printed beside them.

  --experiment FILE   the experiment
  --json              {"total": {…}, "stages": […], "sites": […]} on standard output instead of a table
  --upload MBPS       client to server, megabits per second (${DEFAULT_SETTINGS.uploadMbps})
  --download MBPS     server to client (${DEFAULT_SETTINGS.downloadMbps})
  --threads N         server threads for homomorphic encryption, 1 to 17 (${DEFAULT_SETTINGS.heThreads})
  --garbler SIDE      server or client (${DEFAULT_SETTINGS.garbler})
`;

const phase = ({ seconds, bytesUp, bytesDown }: Cost) => ({ seconds, bytesUp, bytesDown });

/** The output of `--json`. */
export function countReport(experiment: Experiment, settings: LatencySettings = DEFAULT_SETTINGS) {
  const { network } = experiment;
  const counts = countsOf(network, gateMapOf(experiment));
  const latency = latencyOf(network, counts, settings);
  const budget = budgetOf(experiment);
  const { neurons, drelus, multiplications, macs, parameters } = counts.total;
  return {
    total: {
      drelus,
      multiplications,
      macs,
      parameters,
      neurons,
      ...(budget ? { budget: budget.drelus } : {}),
      latency: {
        seconds: latency.seconds,
        offline: phase(latency.offline),
        online: phase(latency.online),
        clientStorageBytes: latency.clientStorage,
        settings,
      },
    },
    stages: counts.stages,
    sites: counts.sites,
  };
}

type CountReport = ReturnType<typeof countReport>;

function asText({ total, stages }: CountReport, experiment: Experiment): string {
  const whole = (n: number) => n.toLocaleString('en');
  const rows = stages.map((stage) => [
    stage.stage === 0 ? 'stem' : `stage ${stage.stage}`,
    ...[stage.drelus, stage.multiplications, stage.macs, stage.parameters].map(whole),
  ]);
  const sums = [total.drelus, total.multiplications, total.macs, total.parameters].map(whole);
  const { latency } = total;
  const budget = budgetOf(experiment);
  return [
    table([['', 'DReLUs', 'multiplications', 'MACs', 'parameters'], ...rows, ['total', ...sums]]),
    ...(budget ? [`${methodTitle(budget.method)} keeps at most ${whole(budget.drelus)} DReLUs.`] : []),
    `One private inference: ${latency.offline.seconds.toFixed(1)} s offline, ${latency.online.seconds.toFixed(1)} s online.`,
    '',
  ].join('\n');
}

export async function count(args: readonly string[]): Promise<void> {
  const options = readOptions<{
    experiment?: string;
    json?: boolean;
    upload?: string;
    download?: string;
    threads?: string;
    garbler?: string;
  }>('count', args, {
    experiment: { type: 'string' },
    json: { type: 'boolean' },
    upload: { type: 'string' },
    download: { type: 'string' },
    threads: { type: 'string' },
    garbler: { type: 'string' },
  });
  const experiment = await readExperiment(required(options.experiment, '--experiment', 'count'));
  const settings = { ...DEFAULT_SETTINGS };
  if (options.upload !== undefined) settings.uploadMbps = positiveNumber(options.upload, '--upload');
  if (options.download !== undefined) settings.downloadMbps = positiveNumber(options.download, '--download');
  if (options.threads !== undefined) settings.heThreads = wholeNumber(options.threads, '--threads', 1, 17);
  if (options.garbler !== undefined) {
    if (options.garbler !== 'server' && options.garbler !== 'client')
      throw new UsageError(`--garbler is server or client, not "${options.garbler}".`);
    settings.garbler = options.garbler;
  }
  const report = countReport(experiment, settings);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : asText(report, experiment));
}
