/**
 * Shards put together into a data set, and a data set cut to what an experiment asks for.
 */
import { DATASET_TITLES, CIFAR10, CIFAR100, NORMALISATION } from './formats.ts';
import { inOrder } from './order.ts';
import type { ImportedName } from './shard.ts';
import { splitValidation } from './split.ts';
import { drawSynthetic } from './synthetic.ts';
import { DataError } from './types.ts';
import type { DataSet, LabelledImages, Part } from './types.ts';

/** Images of `synthetic` where an experiment names no number. */
export const SYNTHETIC_DEFAULTS = { trainImages: 10_000, testImages: 2_000 };

/** What `assemble` needs of a shard. */
export interface ShardPixels {
  file: string;
  hash: string;
  part: Part;
  images: Uint8Array;
  labels: Uint8Array;
  count: number;
  shape: [number, number, number];
}

function join(shards: readonly ShardPixels[], base: Omit<LabelledImages, 'images' | 'labels' | 'count'>): LabelledImages {
  const count = shards.reduce((sum, shard) => sum + shard.count, 0);
  const bytes = base.shape[0] * base.shape[1] * base.shape[2];
  // A single shard is passed on as it is: no second copy of 154 MB.
  if (shards.length === 1) return { ...base, images: shards[0].images, labels: shards[0].labels, count };
  const images = new Uint8Array(count * bytes);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const shard of shards) {
    images.set(shard.images, at * bytes);
    labels.set(shard.labels, at);
    at += shard.count;
  }
  return { ...base, images, labels, count };
}

/** The classes of a data set by default. */
export function defaultClasses(name: ImportedName): readonly string[] {
  return name === 'cifar-10' ? CIFAR10.classes : name === 'cifar-100' ? CIFAR100.classes : [];
}

/** Both parts, their shards in the order of their names. */
export function assemble(name: ImportedName, shards: readonly ShardPixels[], classes = defaultClasses(name)): DataSet {
  const shape = shards[0]?.shape ?? [3, 32, 32];
  const base = { shape, classes, ...NORMALISATION[name] };
  const part = (wanted: Part): LabelledImages => join(inOrder(shards.filter((shard) => shard.part === wanted)), base);
  return { name, classes, train: part('train'), test: part('test') };
}

/** The built-in data set; image i of a part is the same however many are drawn. */
export function syntheticDataSet(seed: number, trainImages: number | null, testImages: number | null, size = 32): DataSet {
  const train = drawSynthetic({ seed, part: 'train', count: trainImages ?? SYNTHETIC_DEFAULTS.trainImages, size });
  const test = drawSynthetic({ seed, part: 'test', count: testImages ?? SYNTHETIC_DEFAULTS.testImages, size });
  return { name: 'synthetic', classes: train.classes, train, test };
}

/** The first n images of a part (all of them where n is null or larger); views, not copies. */
export function firstImages(set: LabelledImages, n: number | null): LabelledImages {
  if (n === null || n >= set.count) return set;
  const bytes = set.shape[0] * set.shape[1] * set.shape[2];
  return { ...set, images: set.images.subarray(0, n * bytes), labels: set.labels.subarray(0, n), count: n };
}

/** How many images of each class. */
export function countPerClass(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}

/** What an experiment says about its data (domain: datasetSchema). */
export interface DataChoice {
  trainImages: number | null;
  testImages: number | null;
  validationShare: number;
}

/** One block of images for the GPU, and who is who in it. */
export interface ArrangedData {
  /** The training part's images, then the test part's. */
  images: LabelledImages;
  /** Indices into `images`, ascending. */
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/**
 * Cuts a data set to the experiment's numbers and splits off the validation images by its seed. Throws DataError where the
 * training part is missing: without test images `test` is empty.
 */
export function arrange(data: DataSet, choice: DataChoice, seed: number): ArrangedData {
  const train = firstImages(data.train, choice.trainImages);
  const test = firstImages(data.test, choice.testImages);
  const title = DATASET_TITLES[data.name];
  if (train.count === 0) {
    throw new DataError(title, `no training images are loaded, only ${data.test.count} test images. Add a training shard.`);
  }
  const split = splitValidation(train.labels, data.classes.length, choice.validationShare, seed);
  if (split.train.length === 0) {
    throw new DataError(title, `a validation share of ${choice.validationShare} leaves none of ${train.count} images to train on. Lower it.`);
  }
  const all = join(
    [
      { file: '', hash: '', part: 'train', ...train, labels: Uint8Array.from(train.labels) },
      { file: '', hash: '', part: 'test', ...test, labels: Uint8Array.from(test.labels) },
    ],
    train,
  );
  return { images: all, ...split, test: Uint32Array.from({ length: test.count }, (_, i) => train.count + i) };
}
