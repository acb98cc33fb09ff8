/** `relu-studio eval`: evaluates a finished run from its two files, on any data set of the same image shape and classes. */
import { arrange } from '../data/dataset.ts';
import { shrink } from '../data/resize.ts';
import type { DataSet, LabelledImages } from '../data/types.ts';
import { experimentSchema, type Experiment } from '../domain/experiment.ts';
import { datasetSchema } from '../domain/dataset.ts';
import type { ReadMasks } from '../domain/masksFile.ts';
import type { NetworkSpec } from '../domain/network.ts';
import type { ImageSet } from '../engine/api.ts';
import { UsageError } from './errors.ts';
import { writeWhole } from './files.ts';
import { readFinishedRun } from './finishedRun.ts';
import { openGpu } from './openEngine.ts';
import { readOptions, required } from './options.ts';
import { drawnSize, readDataPaths, type WantedData } from './paths.ts';
import { ProgressLines } from './progress.ts';

export const EVAL_HELP = `usage: relu-studio eval --run DIR --data PATH… [--split test] [--logits FILE] [--json]

Evaluates a finished run from masks.json and model.safetensors alone.

  --run DIR       the run's folder, or the path of a masks.json with its weights beside it
  --data PATH…    CIFAR files, archives or folders (train=PATH and test=PATH set the split), or: synthetic
  --split NAME    test (default), validation (the run's own split) or train
  --logits FILE   also write the logits: little-endian float32, images × classes, in the order of the split
  --json          {"accuracy": …, "loss": …, "images": …} on standard output
`;

const SPLITS = ['test', 'validation', 'train'] as const;
type SplitName = (typeof SPLITS)[number];

/** Images per forward pass. */
const BATCH = 64;

/** The run's experiment, or null if masks.json does not contain it (files from other programs may not). */
function experimentOf(masks: ReadMasks): Experiment | null {
  const parsed = experimentSchema.safeParse((masks.about.method as { experiment?: unknown }).experiment);
  return parsed.success ? parsed.data : null;
}

function wantedData(masks: ReadMasks, experiment: Experiment | null, split: SplitName): WantedData {
  const { name, trainImages, testImages } = masks.about.dataset;
  return {
    name: datasetSchema.shape.name.safeParse(name).data ?? null,
    of: 'run',
    // As many built-in images as the run had; of files, all images.
    trainImages: name === 'synthetic' ? trainImages : null,
    testImages: name === 'synthetic' ? testImages : null,
    syntheticSeed: experiment?.dataset.syntheticSeed ?? 1,
    classes: masks.network.classes,
    only: split === 'test' ? 'test' : 'train',
    size: drawnSize(masks.network),
  };
}

/** Downsamples images whose sides are an integer multiple of the network's input, as in training. */
function shrunk(part: LabelledImages, { inputShape }: NetworkSpec): LabelledImages {
  const factor = part.shape[1] / inputShape[1];
  return Number.isInteger(factor) && part.shape[2] / inputShape[2] === factor ? shrink(part, factor) : part;
}

/** @throws UsageError if the network has another input shape or fewer classes than the images. */
function checkFit({ train, test, classes }: DataSet, network: NetworkSpec): void {
  if (classes.length > network.classes)
    throw new UsageError(`The images of --data have ${classes.length} classes, but the network ${network.classes}.`);
  const { shape } = test.count > 0 ? test : train;
  const { inputShape } = network;
  const factor = shape[1] / inputShape[1];
  if (shape[0] !== inputShape[0] || !Number.isInteger(factor) || shape[2] !== factor * inputShape[2])
    throw new UsageError(`The images of --data are ${shape.join('×')}, but the network takes ${inputShape.join('×')}.`);
}

/** The images of a split, normalised as in the run. */
function splitImages(
  data: DataSet,
  split: SplitName,
  masks: ReadMasks,
  experiment: Experiment | null,
): { images: ImageSet; indices: Uint32Array } {
  const { mean, std } = masks.about.dataset;
  if (split === 'test' || experiment === null) {
    if (split === 'validation')
      throw new UsageError(
        'masks.json does not record how the validation images were chosen: use --split test or train.',
      );
    const part = split === 'test' ? data.test : data.train;
    if (part.count === 0) throw new UsageError(`--data holds no ${split} images.`);
    const wanted = experiment?.dataset.testImages ?? part.count;
    const count = split === 'test' ? Math.min(wanted, part.count) : part.count;
    return {
      images: { ...shrunk(part, masks.network), mean, std },
      indices: Uint32Array.from({ length: count }, (_, i) => i),
    };
  }
  const arranged = arrange(data, experiment.dataset, experiment.seed, masks.network.inputShape);
  const indices = arranged[split];
  if (indices.length === 0) throw new UsageError(`The run had no ${split} images.`);
  return { images: { ...arranged.images, mean, std }, indices };
}

export async function evaluate(args: readonly string[]): Promise<void> {
  const options = readOptions<{
    run?: string;
    data?: string[];
    split: string;
    logits?: string;
    engine: string;
    json?: boolean;
  }>('eval', args, {
    run: { type: 'string' },
    data: { type: 'string', multiple: true },
    split: { type: 'string', default: 'test' },
    logits: { type: 'string' },
    engine: { type: 'string', default: 'studio' },
    json: { type: 'boolean' },
  });
  const split = SPLITS.find((name) => name === options.split);
  if (!split) throw new UsageError(`--split is test, validation or train, not "${options.split}".`);
  if (options.engine !== 'studio' && options.engine !== 'stock')
    throw new UsageError(`--engine is studio or stock, not "${options.engine}".`);
  const lines = new ProgressLines(process.stderr);
  const { run } = await readFinishedRun(required(options.run, '--run', 'eval'));
  const { masks } = run;
  if (!run.sameWeights)
    lines.line('note: these are not the weights that masks.json was written with (their SHA-256 differs).');
  const experiment = experimentOf(masks);
  const data = await readDataPaths(options.data ?? [], wantedData(masks, experiment, split));
  checkFit(data, masks.network);
  const { images, indices } = splitImages(data, split, masks, experiment);

  const { gpu, createEngine, createEngineOf } = await openGpu();
  const settings = { network: masks.network, gates: run.gates, batch: Math.min(BATCH, indices.length), evaluationOnly: true };
  const engine = options.engine === 'stock' ? createEngineOf('stock', settings) : await createEngine(settings);
  try {
    engine.setData(images);
    engine.setWeights(run.weights);
    await engine.compile((done, total) => lines.transient(`Compiling shaders ${done}/${total}`));
    const {
      accuracy,
      loss,
      images: count,
    } = await engine.evaluate(indices, {
      onProgress: (done, total) => lines.transient(`Evaluating ${done}/${total}`),
    });
    if (options.logits !== undefined) await writeWhole(options.logits, littleEndian(await engine.logits(indices)));
    lines.end();
    const result = { accuracy, loss, images: count };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(result, null, 2)}\n`
        : `accuracy ${(100 * accuracy).toFixed(2)}%, loss ${loss.toFixed(4)}, ${count} ${split} images\n`,
    );
  } finally {
    engine.dispose();
    gpu.close();
  }
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return bytes;
}
