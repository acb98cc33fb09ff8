/** `relu-studio train`: the trainer without a page. Ctrl-C leaves a run that goes on where it was; a second one ends at once. */
import { createHash } from 'node:crypto';
import { arrange, type ArrangedData } from '../data/dataset.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { PlanError, CheckpointError } from '../training/errors.ts';
import { exportMasks } from '../training/exportMasks.ts';
import type { EpochRecord } from '../training/events.ts';
import type { Checkpoint } from '../training/state.ts';
import { Trainer, type RunOutcome, type WarmStart } from '../training/trainer.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { Interrupted } from './errors.ts';
import { readExperiment } from './experimentFile.ts';
import { readFinishedRun } from './finishedRun.ts';
import { adapterText, openGpu, type OpenedGpu } from './openEngine.ts';
import { readOptions, required } from './options.ts';
import { drawnSize, readDataPaths } from './paths.ts';
import { duration, ProgressLines } from './progress.ts';
import { RunFolder, type RunRecord } from './runFolder.ts';
import { TraceFolder } from './traceFolder.ts';

export const TRAIN_HELP = `usage: relu-studio train --experiment FILE --data PATH… --out DIR [--from RUN] [--trace] [--json]

Trains what the experiment says. Where DIR holds an unfinished run of the same experiment, it goes on from its last checkpoint, bit
for bit as if it had not been interrupted. Ctrl-C writes a checkpoint and ends with code 130; a second Ctrl-C ends at once.

  --experiment FILE   the experiment
  --data PATH…        CIFAR files, archives or folders (train=PATH and test=PATH name a part); or: synthetic
  --out DIR           gets masks.json, model.safetensors, metrics.jsonl (a line an epoch), run.json
  --from RUN          start from a finished run's folder or a masks.json with its weights beside it
  --trace             also write DIR/trace: every decision and loss of the run, for replays (slower)
  --json              the result as one JSON object on standard output
`;

interface TrainOptions {
  experiment?: string;
  data?: string[];
  out?: string;
  from?: string;
  trace?: boolean;
  json?: boolean;
}

const dataSum = ({ images }: ArrangedData): string =>
  createHash('sha256').update(images.labels).update(images.images).digest('hex');

/** All that tells networks apart, with what may be left out of a file filled in. */
const networkText = ({ family, blocks, widths, stemGate, finalGate, inputShape, classes }: NetworkSpec): string =>
  JSON.stringify([
    family,
    blocks,
    widths,
    family === 'wide-resnet' ? (finalGate ?? true) : stemGate,
    inputShape,
    classes,
  ]);

async function readStart(path: string, experiment: Experiment): Promise<WarmStart> {
  const { run, file } = await readFinishedRun(path);
  if (networkText(run.masks.network) !== networkText(experiment.network))
    throw new PlanError(
      `${file} is of another network than the experiment's: blocks, widths, gates, input and classes must agree.`,
    );
  return run;
}

/** Hears Ctrl-C while training: once to stop, twice to end at once. */
function onInterrupt(stop: () => void): () => void {
  let asked = false;
  const listener = () => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return () => {
    process.off('SIGINT', listener);
    process.off('SIGTERM', listener);
  };
}

export async function train(args: readonly string[]): Promise<void> {
  const options = readOptions<TrainOptions & Record<string, string | string[] | boolean | undefined>>('train', args, {
    experiment: { type: 'string' },
    data: { type: 'string', multiple: true },
    out: { type: 'string' },
    from: { type: 'string' },
    trace: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const experiment = await readExperiment(required(options.experiment, '--experiment', 'train'));
  const folder = new RunFolder(required(options.out, '--out', 'train'));
  const lines = new ProgressLines(process.stderr);
  const known = await folder.existing(experiment);
  if (known?.status === 'done') {
    lines.line(`${folder.path} holds this run, finished: nothing is left to train.`);
    if (options.json) process.stdout.write(`${JSON.stringify(known.result ?? null, null, 2)}\n`);
    return;
  }

  const dataSet = await readDataPaths(
    options.data ?? [],
    { ...experiment.dataset, classes: experiment.network.classes, size: drawnSize(experiment.network) },
    {
      onProgress: (file, done, total) => lines.transient(`Reading ${file} ${Math.floor((100 * done) / total)} %`),
    },
  );
  const data = arrange(dataSet, experiment.dataset, experiment.seed, experiment.network.inputShape);
  const sum = dataSum(data);
  if (known && known.data.sha256 !== sum)
    throw new CheckpointError(
      `${folder.path} was trained on other data: give the same files to --data, or another folder to --out.`,
    );
  const resume = known ? await folder.checkpoint() : null;
  if (known && options.from !== undefined && options.from !== known.from)
    throw new CheckpointError(
      `${folder.path} holds a run that began from ${known.from ?? 'a random draw'}: give the same --from, or another folder to --out.`,
    );
  if (resume && options.trace && !known?.trace)
    throw new CheckpointError(
      `${folder.path} holds a run that was begun without --trace: leave out --trace, or choose another folder for --out.`,
    );
  const trace = (resume ? known?.trace : options.trace) ? new TraceFolder(folder.tracePath) : null;
  // A run that was ended before its first checkpoint begins once more where it began.
  const from = options.from ?? known?.from ?? null;
  const start = resume || from === null ? null : await readStart(from, experiment);

  // One line after the other; where one cannot be written the run stops, to go on from its checkpoint later.
  const metrics = { written: Promise.resolve(), error: null as Error | null };
  const addEpoch = (epoch: EpochRecord) => {
    metrics.written = metrics.written
      .then(() => folder.addEpoch(epoch))
      .catch((error: Error) => {
        metrics.error ??= error;
        trainer.stop();
      });
  };
  // All that can be refused is refused before a GPU is opened.
  let device: OpenedGpu | null = null;
  const trainer = new Trainer({
    experiment,
    data,
    createEngine: (settings, onTuning) => device!.createEngine(settings, onTuning),
    emit: (event) => {
      lines.hear(event);
      if (event.type === 'epoch') addEpoch(event.record);
    },
    resume,
    start,
    storage: folder,
    trace,
  });
  await folder.create();
  await trace?.prepare(resume?.state ?? null);

  device = await openGpu();
  const { gpu } = device;
  lines.line(`${experiment.name} on ${adapterText(gpu)}`);
  const record: RunRecord = known ?? {
    format: 'relu-studio/run',
    version: 1,
    generator: { name: packageJson.name, version: packageJson.version },
    experiment,
    status: 'running',
    createdAt: new Date().toISOString(),
    data: { train: data.train.length, validation: data.validation.length, test: data.test.length, sha256: sum },
    from,
  };
  Object.assign(record, { status: 'running', adapter: gpu.description, trace: trace !== null });

  await folder.writeRun(record);
  await folder.restartMetrics(resume?.state.history.epochs ?? []);
  if (resume) lines.line(`Going on ${whereIn(resume)}.`);

  const release = onInterrupt(() => {
    lines.line('Stopping: finishing the steps in hand and writing a checkpoint. Ctrl-C again ends at once.');
    trainer.stop();
  });
  let outcome: RunOutcome;
  try {
    outcome = await trainer.run();
    await metrics.written;
    if (metrics.error) throw metrics.error;
  } finally {
    release();
    lines.end();
  }
  await conclude(outcome, { folder, record, trainer, lines, json: options.json ?? false });
  gpu.close();
}

const whereIn = ({ state }: Checkpoint): string => {
  const phase = state.history.phases[state.phase];
  if (!phase) return 'with the last step';
  return `in ${phase.title}, epoch ${state.epoch + 1}, step ${state.stepInEpoch} of ${phase.stepsPerEpoch}`;
};

interface Conclusion {
  folder: RunFolder;
  record: RunRecord;
  trainer: Trainer;
  lines: ProgressLines;
  json: boolean;
}

/** Leaves the folder as the outcome wants it. @throws Interrupted, or what the run failed of. */
async function conclude(outcome: RunOutcome, { folder, record, trainer, lines, json }: Conclusion): Promise<void> {
  const { step, seconds, history } = trainer.state;
  const told = {
    ...record,
    step,
    seconds,
    warnings: history.warnings,
    switches: history.switches,
    phases: history.phases,
  };
  if (outcome.status === 'stopped') {
    await folder.writeRun({ ...told, status: 'stopped' });
    throw new Interrupted(`Stopped at step ${step}. The same command goes on from here.`);
  }
  if (outcome.status === 'failed') {
    const { name, message } = outcome.error;
    await folder.writeRun({ ...told, status: 'failed', error: { name, message } });
    throw outcome.error;
  }
  const { result } = outcome.finished;
  const finishedAt = new Date().toISOString();
  await folder.finish(await exportMasks(outcome.finished, finishedAt));
  await folder.writeRun({ ...told, status: 'done', finishedAt, result });
  await folder.dropCheckpoint();
  const accuracy = result.testAccuracy === null ? '' : `, test accuracy ${(100 * result.testAccuracy).toFixed(2)} %`;
  lines.line(`Done in ${duration(seconds)}: ${result.drelus.toLocaleString('en')} DReLUs${accuracy}. ${folder.path}`);
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}
