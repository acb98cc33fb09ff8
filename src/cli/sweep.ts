/**
 * `relu-studio sweep`: trains several experiments with several seeds, one after the other, and prints means and standard deviations.
 *
 * Each run is a `train` in its own process, because tfjs's backend cannot be opened twice in one process, and has its own folder
 * `OUT/NAME-seed-N`. Finished runs are kept; interrupted ones are resumed.
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

Trains each experiment with each seed, one after the other, and prints mean and standard deviation of the accuracies. Run
folders are DIR/NAME-seed-N, where NAME is the experiment's file name. After Ctrl-C the same command resumes; finished runs are not
trained again. Experiments whose data set is "synthetic" generate it; --data is for the others.

  --experiment FILE…  the experiments
  --data PATH…        CIFAR files, archives or folders, as in "train"
  --out DIR           one folder per run
  --seeds N,…         integers (1,2,3)
  --json              print one JSON object instead of the table
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

/** Runs one `train` process. @returns its exit code; 130 if a signal ended it */
function trainInProcess(file: string, data: readonly string[], out: string): Promise<number> {
  const argv = [process.argv[1], 'train', '--experiment', file, '--out', out, '--data', ...data];
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

async function plan({ experiment: files = [], seeds = '1,2,3', out }: SweepOptions): Promise<Planned[]> {
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
  return numbers.flatMap((seed) =>
    experiments.map((experiment, i) => ({
      name: names[i],
      seed,
      experiment: { ...experiment, seed },
      folder: new RunFolder(join(outFolder, `${names[i]}-seed-${seed}`)),
    })),
  );
}

/** @throws UsageError, Interrupted. A failed run's own process has printed its error. */
export async function sweep(args: readonly string[]): Promise<number> {
  const options = readOptions<SweepOptions & Record<string, string | string[] | boolean | undefined>>('sweep', args, {
    experiment: { type: 'string', multiple: true },
    data: { type: 'string', multiple: true },
    out: { type: 'string' },
    seeds: { type: 'string' },
    json: { type: 'boolean' },
  });
  const planned = await plan(options);
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
    );
    if (code === EXIT.interrupted) throw new Interrupted('The sweep was stopped. The same command resumes it.');
    // Invalid input is invalid for the other seeds too.
    if (code === EXIT.input) throw new UsageError(`${name} cannot be trained: see the error above.`);
    const record = await folder.existing(experiment);
    runs.push({ name, seed, result: code === EXIT.done ? (record?.result ?? null) : null });
  }
  const summaries = summarise(runs);
  process.stdout.write(options.json ? `${JSON.stringify({ runs, summaries }, null, 2)}\n` : sweepTable(summaries));
  return runs.every(({ result }) => result !== null) ? EXIT.done : EXIT.failed;
}
