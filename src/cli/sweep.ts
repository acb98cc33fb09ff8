/**
 * `relu-studio sweep`: trains many experiments, one after the other, and prints means and standard deviations over their seeds. They
 * are several files with several seeds (folders `OUT/NAME-seed-N`), or one file and a sweep file (sweepFolder.ts).
 *
 * Each run is a `train` in its own process, because tfjs's backend cannot be opened twice in one process. Finished runs are kept;
 * interrupted ones are resumed. Dense phases that are equal in several runs are trained once.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Experiment } from '../domain/experiment.ts';
import { expandSweep, parseSweep, shardOf, SweepError, type Assignments, type Sweep } from '../domain/sweepFile.ts';
import { EXIT, Interrupted, UsageError } from './errors.ts';
import { readExperiment } from './experimentFile.ts';
import { readOptions, required, wholeNumbers } from './options.ts';
import { writeWhole } from './files.ts';
import { RunFolder } from './runFolder.ts';
import { SweepFolder } from './sweepFolder.ts';
import { summarise, sweepTable, type SweepRun } from './sweepSummary.ts';

export const SWEEP_HELP = `usage: relu-studio sweep --experiment FILE --sweep FILE --data PATH… --out DIR [--shard i/n] [--shared DIR]
                                      [--json]
       relu-studio sweep --experiment FILE… --data PATH… --out DIR [--seeds 1,2,3] [--json]

Trains every run of a sweep, or each experiment with each seed, one after the other, and prints mean and standard deviation of the
accuracies over the seeds. Run folders are DIR/runs/KEY, where KEY is a hash of the experiment, or DIR/NAME-seed-N, where NAME is the
experiment's file name. After Ctrl-C the same command resumes; finished runs are not trained again. Dense phases that several runs share
are trained once. Experiments whose data set is "synthetic" generate it; --data is for the others.

A sweep file gives values for fields of the experiment: the product of the lists of "grid", and one more run for each entry of "list":
  { "format": "relu-studio/sweep", "version": 1, "grid": { "methods.0.budget.share": [0.05, 0.1], "seed": [1, 2] }, "list": [] }

  --experiment FILE…  the experiments
  --data PATH…        CIFAR files, archives or folders, as in "train"
  --out DIR           one folder per run
  --sweep FILE        the sweep file
  --shard i/n         only part i of n of the sweep, i from 0 to n − 1, for n machines or tasks of a job array; join them with "merge"
  --shared DIR        where dense phases are kept (the sweep folder's own "shared"); on a shared disk, several shards may name one folder
  --seeds N,…         integers (1,2,3)
  --json              print one JSON object instead of the table
`;

interface SweepOptions {
  experiment?: string[];
  data?: string[];
  out?: string;
  seeds?: string;
  sweep?: string;
  shard?: string;
  shared?: string;
  json?: boolean;
}

interface Planned {
  name: string;
  seed: number;
  experiment: Experiment;
  folder: RunFolder;
}

/** What is to be trained, where equal dense phases are kept, and what is written when it is done. */
interface Plan {
  runs: Planned[];
  shared: string;
  finish: () => Promise<void>;
}

/** Runs one `train` process. @returns its exit code; 130 if a signal ended it */
function trainInProcess(file: string, data: readonly string[], out: string, shared: string): Promise<number> {
  const argv = [process.argv[1], 'train', '--experiment', file, '--out', out, '--shared', shared, '--data', ...data];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  // The terminal sends Ctrl-C to the child too. SIGTERM goes to this process alone and is forwarded.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', forward);
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise((resolve, reject) => {
    const finish = (action: () => void) => {
      process.off('SIGTERM', forward);
      process.off('SIGINT', ignore);
      action();
    };
    child.on('error', (error) => finish(() => reject(error)));
    child.on('exit', (code) => finish(() => resolve(code ?? EXIT.interrupted)));
  });
}

async function planSeeds({ experiment: files = [], seeds = '1,2,3', out }: SweepOptions): Promise<Plan> {
  if (files.length === 0) throw new UsageError('--experiment is missing. See "relu-studio sweep --help".');
  const outFolder = required(out, '--out', 'sweep');
  const names = files.map((file) => basename(file).replace(/\.json$/, ''));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(
      `Two experiments are called ${twice}: their runs would use the same folders. Rename one of the files.`,
    );
  const numbers = [...new Set(wholeNumbers(seeds, '--seeds'))];
  const experiments = await Promise.all(files.map(readExperiment));
  // All experiments with one seed before the next seed, so that an interrupted sweep compares what it has.
  const runs = numbers.flatMap((seed) =>
    experiments.map((experiment, i) => ({
      name: names[i],
      seed,
      experiment: { ...experiment, seed },
      folder: new RunFolder(join(outFolder, `${names[i]}-seed-${seed}`)),
    })),
  );
  return { runs, shared: join(outFolder, 'shared'), finish: () => Promise.resolve() };
}

/** `2/8` → [2, 8]. @throws UsageError */
function shardNumbers(text: string): [number, number] {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [i, n] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (i >= n) throw new UsageError(`--shard takes i/n with i from 0 to n − 1, such as 0/2, not "${text}".`);
  return [i, n];
}

/** Values that tell configurations apart, the seed aside: "methods.0.budget.share=0.05". */
const nameOf = (values: Assignments): string =>
  Object.entries(values)
    .filter(([path]) => path !== 'seed')
    .map(([path, value]) => `${path}=${JSON.stringify(value)}`)
    .join(' ') || 'base';

async function readSweep(path: string): Promise<Sweep> {
  try {
    return parseSweep(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SweepError) throw new UsageError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function planSweep(options: SweepOptions & { sweep: string }): Promise<Plan> {
  const [file, ...more] = options.experiment ?? [];
  if (file === undefined) throw new UsageError('--experiment is missing. See "relu-studio sweep --help".');
  if (more.length > 0) throw new UsageError('--sweep takes one --experiment, not several.');
  if (options.seeds !== undefined)
    throw new UsageError('--seeds and --sweep exclude each other: list the seeds in the sweep file, as "seed".');
  const folder = new SweepFolder(required(options.out, '--out', 'sweep'));
  const base = await readExperiment(file);
  const sweep = await readSweep(options.sweep);
  const all = await expandSweep(base, sweep).catch((error: unknown) => {
    throw error instanceof SweepError ? new UsageError(`${options.sweep}: ${error.message}`, { cause: error }) : error;
  });
  const [i, n] = shardNumbers(options.shard ?? '0/1');
  const mine = await shardOf(all, i, n);
  await folder.check(base, sweep);
  return {
    runs: mine.map(({ key, values, experiment }) => ({
      name: nameOf(values),
      seed: experiment.seed,
      experiment,
      folder: folder.run(key),
    })),
    shared: folder.shared,
    finish: () => folder.write(base, sweep),
  };
}

/** @throws UsageError, Interrupted. A failed run's own process has printed its error. */
export async function sweep(args: readonly string[]): Promise<number> {
  const options = readOptions<SweepOptions & Record<string, string | string[] | boolean | undefined>>('sweep', args, {
    experiment: { type: 'string', multiple: true },
    data: { type: 'string', multiple: true },
    out: { type: 'string' },
    seeds: { type: 'string' },
    sweep: { type: 'string' },
    shard: { type: 'string' },
    shared: { type: 'string' },
    json: { type: 'boolean' },
  });
  if (options.shard !== undefined && options.sweep === undefined)
    throw new UsageError('--shard needs --sweep. See "relu-studio sweep --help".');
  const { sweep: sweepFile } = options;
  const {
    runs: planned,
    shared,
    finish,
  } = sweepFile === undefined ? await planSeeds(options) : await planSweep({ ...options, sweep: sweepFile });
  const isSynthetic = (experiment: Experiment) => experiment.dataset.name === 'synthetic';
  if (!options.data?.length && planned.some(({ experiment }) => !isSynthetic(experiment)))
    throw new UsageError('--data is missing: at least one experiment needs data files.');

  const runs: SweepRun[] = [];
  for (const [i, { name, seed, experiment, folder }] of planned.entries()) {
    process.stderr.write(`\nRun ${i + 1} of ${planned.length}: ${name}, seed ${seed}\n`);
    const file = join(folder.path, 'experiment.json');
    await folder.create();
    await writeWhole(file, `${JSON.stringify(experiment, null, 2)}\n`);
    const code = await trainInProcess(
      file,
      isSynthetic(experiment) ? ['synthetic'] : (options.data ?? []),
      folder.path,
      options.shared ?? shared,
    );
    if (code === EXIT.interrupted) throw new Interrupted('The sweep was stopped. The same command resumes it.');
    // Invalid input is invalid for the other seeds too.
    if (code === EXIT.input) throw new UsageError(`${name} cannot be trained: see the error above.`);
    const record = await folder.existing(experiment);
    runs.push({ name, seed, result: code === EXIT.done ? (record?.result ?? null) : null });
    await finish();
  }
  const summaries = summarise(runs);
  process.stdout.write(options.json ? `${JSON.stringify({ runs, summaries }, null, 2)}\n` : sweepTable(summaries));
  return runs.every(({ result }) => result !== null) ? EXIT.done : EXIT.failed;
}
