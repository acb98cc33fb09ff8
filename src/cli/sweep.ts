/**
 * `relu-studio sweep`: several experiments with several seeds, one run after the other, and their means and spreads.
 *
 * Each run is a `train` in a process of its own, because tfjs's backend cannot be opened twice in one process, and has its own folder
 * `OUT/NAME-seed-N`. What is finished stays; what was interrupted goes on.
 */
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import type { Experiment } from '../domain/experiment.ts';
import { EXIT, Interrupted, UsageError } from './errors.ts';
import { readExperiment } from './experimentFile.ts';
import { readOptions, required, wholeNumbers } from './options.ts';
import { writeWhole } from './files.ts';
import { RunFolder } from './runFolder.ts';
import { summarise, sweepTable, type SweepRun } from './sweepSummary.ts';

export const SWEEP_HELP = `usage: relu-studio sweep --experiment FILE… --data PATH… --out DIR [--seeds 1,2,3] [--json]

Trains each experiment with each seed, one after the other, and prints mean and standard deviation of the accuracies. A run's folder is
DIR/NAME-seed-N, NAME being the experiment's file name. The same command goes on after Ctrl-C; finished runs are not trained again.
Experiments whose data set is "synthetic" draw it themselves; --data is for the others.

  --experiment FILE…  the experiments
  --data PATH…        CIFAR files, archives or folders, as in "train"
  --out DIR           gets a folder a run
  --seeds N,…         whole numbers; 1,2,3 where not given
  --json              one JSON object on standard output instead of the table
`;

interface SweepOptions {
  experiment?: string[];
  data?: string[];
  out?: string;
  seeds?: string;
  json?: boolean;
}

interface Planned {
  name: string;
  seed: number;
  experiment: Experiment;
  folder: RunFolder;
}

/** One `train` to its end. @returns its exit code; 130 also where a signal ended it */
function trainInProcess(file: string, data: readonly string[], out: string): Promise<number> {
  const words = [process.argv[1], 'train', '--experiment', file, '--out', out, '--data', ...data];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  // Ctrl-C in a terminal reaches the child by itself; a signal sent to this process alone must be handed on.
  const handOn = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', handOn);
  const wait = () => undefined;
  process.on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    const finish = (action: () => void) => {
      process.off('SIGTERM', handOn);
      process.off('SIGINT', wait);
      action();
    };
    child.on('error', (error) => finish(() => reject(error)));
    child.on('exit', (code) => finish(() => resolve(code ?? EXIT.interrupted)));
  });
}

async function plan({ experiment: files = [], seeds = '1,2,3', out }: SweepOptions): Promise<Planned[]> {
  if (files.length === 0) throw new UsageError('--experiment is missing. See "relu-studio sweep --help".');
  const home = required(out, '--out', 'sweep');
  const names = files.map((file) => basename(file).replace(/\.json$/, ''));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(
      `Two experiments are called ${twice}: their runs would share folders. Rename one of the files.`,
    );
  const numbers = [...new Set(wholeNumbers(seeds, '--seeds'))];
  const experiments = await Promise.all(files.map(readExperiment));
  // Seed by seed: an interrupted sweep has compared what it has.
  return numbers.flatMap((seed) =>
    experiments.map((experiment, i) => ({
      name: names[i],
      seed,
      experiment: { ...experiment, seed },
      folder: new RunFolder(join(home, `${names[i]}-seed-${seed}`)),
    })),
  );
}

/** @throws UsageError, Interrupted; what a run failed of has been written by its own process. */
export async function sweep(args: readonly string[]): Promise<number> {
  const options = readOptions<SweepOptions & Record<string, string | string[] | boolean | undefined>>('sweep', args, {
    experiment: { type: 'string', multiple: true },
    data: { type: 'string', multiple: true },
    out: { type: 'string' },
    seeds: { type: 'string' },
    json: { type: 'boolean' },
  });
  const planned = await plan(options);
  const drawn = (experiment: Experiment) => experiment.dataset.name === 'synthetic';
  if (!options.data?.length && planned.some(({ experiment }) => !drawn(experiment)))
    throw new UsageError('--data is missing: not all of the experiments are of the built-in data.');

  const runs: SweepRun[] = [];
  for (const [i, { name, seed, experiment, folder }] of planned.entries()) {
    process.stderr.write(`\nRun ${i + 1} of ${planned.length}: ${name}, seed ${seed}\n`);
    const file = join(folder.path, 'experiment.json');
    await folder.create();
    await writeWhole(file, `${JSON.stringify(experiment, null, 2)}\n`);
    const code = await trainInProcess(file, drawn(experiment) ? ['synthetic'] : (options.data ?? []), folder.path);
    if (code === EXIT.interrupted) throw new Interrupted('The sweep was stopped. The same command goes on from here.');
    // What cannot be used here cannot be used by the other seeds either.
    if (code === EXIT.input) throw new UsageError(`${name} cannot be trained: its own line above says why.`);
    const record = await folder.existing(experiment);
    runs.push({ name, seed, result: code === EXIT.done ? (record?.result ?? null) : null });
  }
  const summaries = summarise(runs);
  process.stdout.write(options.json ? `${JSON.stringify({ runs, summaries }, null, 2)}\n` : sweepTable(summaries));
  return runs.every(({ result }) => result !== null) ? EXIT.done : EXIT.failed;
}
