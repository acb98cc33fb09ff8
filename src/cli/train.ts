/** `relu-studio train`: the trainer without a page. Ctrl-C writes a checkpoint to resume from; a second one ends at once. */
import { createHash } from 'node:crypto';
import { arrange, type ArrangedData } from '../data/dataset.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { PlanError, CheckpointError } from '../training/errors.ts';
import { exportMasks } from '../training/exportMasks.ts';
import { dataChange, dataRecordOf, type DataRecord } from '../training/provenance.ts';
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
import { withProportions } from './proportions.ts';
import { drawnSize, readDataPaths } from './paths.ts';
import { duration, ProgressLines } from './progress.ts';
import { SharedPhases } from './sharedPhases.ts';
import { isAfterDense } from '../training/sharedPhase.ts';
import { RunFolder, type RunRecord } from './runFolder.ts';
import { TraceFolder } from './traceFolder.ts';

export const TRAIN_HELP = `usage: relu-studio train --experiment FILE --data PATH… --out DIR [--from RUN] [--proportions RUN] [--shared DIR]
                                      [--trace] [--restart] [--json]

Trains an experiment. If DIR holds an unfinished run of the same experiment, training resumes from its last checkpoint, with the same
results bit for bit. Ctrl-C writes a checkpoint and exits with code 130; a second Ctrl-C exits at once.

  --experiment FILE   the experiment
  --data PATH…        CIFAR files, archives or folders (train=PATH and test=PATH set the split), or: synthetic
  --out DIR           run folder: masks.json, model.safetensors, metrics.jsonl (one line per epoch), run.json
  --from RUN          start from a finished run's folder or a masks.json with its weights beside it
  --proportions RUN   random masks with as many DReLUs per layer, in proportion, as this run's folder or masks.json
  --shared DIR        take the dense phase from DIR where another run has trained the same one, else leave it there
  --trace             also write DIR/trace: every decision and loss of the run, for replays (slower)
  --restart           train an unfinished run in DIR again from its start
  --json              print the result as one JSON object on standard output
`;

interface TrainOptions {
  experiment?: string;
  data?: string[];
  out?: string;
  from?: string;
  proportions?: string;
  shared?: string;
  trace?: boolean;
  restart?: boolean;
  json?: boolean;
}

/** What differs between the data of a run and the data at hand, as a clause; null where they are the same. */
function changeOf(before: RunRecord['data'], now: DataRecord, { images }: ArrangedData): string | null {
  if ('splitSha256' in before) return dataChange(before as DataRecord, now);
  const { train: trainImages, validation, test } = before;
  const counts = dataChange({ ...now, train: trainImages, validation, test }, now);
  if (counts !== null) return counts;
  // Runs of older versions have one hash over all labels and pixels.
  const sum = createHash('sha256').update(images.labels).update(images.images).digest('hex');
  return sum === before.sha256 ? null : 'as many images, but other pixels or labels';
}

/** Everything in which two networks can differ, with the defaults of optional fields filled in. */
const networkText = ({ family, blocks, widths, stemGate, finalGate, inputShape, classes }: NetworkSpec): string =>
  JSON.stringify([
    family,
    blocks,
    widths,
    family === 'wide-resnet' ? (finalGate ?? true) : stemGate,
    inputShape,
    classes,
  ]);

async function readStart(path: string, experiment: Experiment, lines: ProgressLines): Promise<WarmStart> {
  const { run, file } = await readFinishedRun(path);
  if (networkText(run.masks.network) !== networkText(experiment.network))
    throw new PlanError(
      `${file} is of another network than the experiment's: blocks, widths, gates, input and classes must agree.`,
    );
  if (!run.sameWeights)
    lines.line(`note: the weights beside ${file} are not those it was written with (their SHA-256 differs).`);
  return run;
}

/** Handles Ctrl-C and SIGTERM while training: the first stops the run, the second exits at once. */
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
    proportions: { type: 'string' },
    shared: { type: 'string' },
    trace: { type: 'boolean' },
    restart: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const experiment = await withProportions(
    await readExperiment(required(options.experiment, '--experiment', 'train')),
    options.proportions,
  );
  const folder = new RunFolder(required(options.out, '--out', 'train'));
  const lines = new ProgressLines(process.stderr);
  const known = await folder.existing(experiment);
  if (known?.status === 'done') {
    lines.line(`${folder.path} holds this run, already finished: nothing to train.`);
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
  const dataRecord = await dataRecordOf(data);
  const continued = known !== null && !options.restart;
  const changed = continued ? changeOf(known.data, dataRecord, data) : null;
  if (changed !== null)
    throw new CheckpointError(
      `${folder.path} was trained with other data (${changed}): pass the same files to --data, choose another folder for --out, or give --restart.`,
    );
  // A traced run records every step, and one that starts from another run has its own first phase.
  const shared =
    options.shared === undefined || options.trace || options.from !== undefined || known?.from
      ? null
      : await SharedPhases.of(options.shared, experiment, dataRecord.imagesSha256);
  const found = continued ? await folder.checkpoint() : null;
  if (found?.note) lines.line(`note: ${found.note}`);
  const resume = found?.checkpoint ?? (await shared?.take(experiment)) ?? null;
  if (known && options.from !== undefined && options.from !== known.from)
    throw new CheckpointError(
      `${folder.path} holds a run that started from ${known.from ?? 'random weights'}: pass the same --from, or choose another folder for --out.`,
    );
  if (found && options.trace && !known?.trace)
    throw new CheckpointError(
      `${folder.path} holds a run that was started without --trace: leave out --trace, or choose another folder for --out.`,
    );
  const trace = (found ? known?.trace : options.trace) ? new TraceFolder(folder.tracePath) : null;
  // A run without a checkpoint starts again from where it first started.
  const from = options.from ?? known?.from ?? null;
  const start = resume || from === null ? null : await readStart(from, experiment, lines);

  // Lines are written in order. If one cannot be written, the run stops and can be resumed from its checkpoint.
  const metrics = { written: Promise.resolve(), error: null as Error | null };
  const addEpoch = (epoch: EpochRecord) => {
    metrics.written = metrics.written
      .then(() => folder.addEpoch(epoch))
      .catch((error: Error) => {
        metrics.error ??= error;
        trainer.stop();
      });
  };
  // Every input is checked before a GPU is opened.
  let device: OpenedGpu | null = null;
  const trainer = new Trainer({
    experiment,
    data,
    createEngine: (settings, onTuning) => device!.createEngine(settings, onTuning),
    emit: (event) => {
      lines.onEvent(event);
      if (event.type === 'epoch') addEpoch(event.record);
    },
    resume,
    start,
    storage: {
      write: async (bytes, state) => {
        await folder.checkpoints.write(bytes, state);
        if (isAfterDense(state) && resume?.state.phase !== 1) await shared?.keep(bytes);
      },
    },
    trace,
    adapter: () => device!.gpu.description,
  });
  await folder.create();
  if (!found) await folder.dropCheckpoint();
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
    data: { ...dataRecord },
    from,
  };
  Object.assign(record, {
    status: 'running',
    data: { ...dataRecord },
    adapter: gpu.description,
    trace: trace !== null,
  });

  await folder.writeRun(record);
  await folder.restartMetrics(resume?.state.history.epochs ?? []);
  if (found) lines.line(`Resuming ${whereIn(found.checkpoint)}.`);
  else if (resume) lines.line(`Dense phase taken from ${options.shared}: another run has trained the same one.`);

  const release = onInterrupt(() => {
    lines.line('Stopping: finishing pending steps and writing a checkpoint. Press Ctrl-C again to exit at once.');
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
  if (!phase) return 'after the last step';
  return `in ${phase.title}, epoch ${state.epoch + 1}, step ${state.stepInEpoch} of ${phase.stepsPerEpoch}`;
};

interface Conclusion {
  folder: RunFolder;
  record: RunRecord;
  trainer: Trainer;
  lines: ProgressLines;
  json: boolean;
}

/** Writes the outcome to the run folder. @throws Interrupted, or the error that the run failed with */
async function conclude(outcome: RunOutcome, { folder, record, trainer, lines, json }: Conclusion): Promise<void> {
  const { step, seconds, history } = trainer.state;
  const details = {
    ...record,
    step,
    seconds,
    warnings: history.warnings,
    switches: history.switches,
    phases: history.phases,
  };
  if (outcome.status === 'stopped') {
    await folder.writeRun({ ...details, status: 'stopped' });
    throw new Interrupted(`Stopped at step ${step}. The same command resumes the run.`);
  }
  if (outcome.status === 'failed') {
    const { name, message } = outcome.error;
    await folder.writeRun({ ...details, status: 'failed', error: { name, message } });
    throw outcome.error;
  }
  const { result } = outcome.finished;
  const finishedAt = new Date().toISOString();
  await folder.finish(await exportMasks(outcome.finished, finishedAt));
  await folder.writeRun({ ...details, status: 'done', finishedAt, result });
  await folder.dropCheckpoint();
  const accuracy = result.testAccuracy === null ? '' : `, test accuracy ${(100 * result.testAccuracy).toFixed(2)} %`;
  lines.line(`Done in ${duration(seconds)}: ${result.drelus.toLocaleString('en')} DReLUs${accuracy}. ${folder.path}`);
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}
