/** Assembles shards into a data set, and selects the images that an experiment uses. */
import { DATASET_TITLES, CIFAR10, CIFAR100, NORMALISATION } from './formats.ts';
import { inOrder } from './order.ts';
import { shrink } from './resize.ts';
import type { ImportedName } from './shard.ts';
import { splitValidation } from './split.ts';
import { drawSynthetic } from './synthetic.ts';
import { DataError } from './types.ts';
import type { DataSet, LabelledImages, Part } from './types.ts';

/** Images of `synthetic` where an experiment names no number. */
export const SYNTHETIC_DEFAULTS = { trainImages: 10_000, testImages: 2_000 };

/** What is known of a shard without its pixels. */
export interface ShardFacts {
  file: string;
  hash: string;
  part: Part;
  count: number;
  shape: [number, number, number];
}

export type Pixels = Pick<LabelledImages, 'images' | 'labels'>;

/** The classes of a data set by default. */
export function defaultClasses(name: ImportedName): readonly string[] {
  return name === 'cifar-10' ? CIFAR10.classes : name === 'cifar-100' ? CIFAR100.classes : [];
}

/**
 * Both parts, their shards one after the other in the order of their names. `read` gives a shard's pixels and labels; one
 * shard at a time is held beside the result. Both parts lie in one block of memory, which `arrange` passes on uncopied.
 */
export async function assemble<T extends ShardFacts>(
  name: ImportedName,
  shards: readonly T[],
  read: (shard: T) => Promise<Pixels>,
  classes: readonly string[] = defaultClasses(name),
): Promise<DataSet> {
  const shape = shards[0]?.shape ?? [3, 32, 32];
  const parts = (['train', 'test'] as const).map((part) => inOrder(shards.filter((shard) => shard.part === part)));
  const [trained, tested] = parts.map((own) => own.reduce((sum, { count }) => sum + count, 0));
  const block = emptyBlock(trained + tested, shape);
  let at = 0;
  for (const shard of parts.flat()) {
    const pixels = await read(shard);
    block.images.set(pixels.images, at * imageBytes(shape));
    block.labels.set(pixels.labels, at);
    at += shard.count;
  }
  const all: LabelledImages = { ...block, count: trained + tested, shape, classes, ...NORMALISATION[name] };
  return { name, classes, train: range(all, 0, trained), test: range(all, trained, tested) };
}

/** The shards that hold the first N images of each part (null: all). */
export function firstShards<T extends ShardFacts>(shards: readonly T[], most: Record<Part, number | null>): T[] {
  return (['train', 'test'] as const).flatMap((part) => {
    let images = 0;
    return inOrder(shards.filter((shard) => shard.part === part)).filter(({ count }) => {
      const wanted = images < (most[part] ?? Infinity);
      images += count;
      return wanted;
    });
  });
}

/** The built-in data set; image i of a part is the same however many are drawn. */
export function syntheticDataSet(
  seed: number,
  trainImages: number | null,
  testImages: number | null,
  size = 32,
): DataSet {
  const train = drawSynthetic({ seed, part: 'train', count: trainImages ?? SYNTHETIC_DEFAULTS.trainImages, size });
  const test = drawSynthetic({ seed, part: 'test', count: testImages ?? SYNTHETIC_DEFAULTS.testImages, size });
  return { name: 'synthetic', classes: train.classes, train, test };
}

/** What an experiment says about its data (domain: datasetSchema). */
export interface CutChoice {
  trainImages: number | null;
  testImages: number | null;
  validationShare: number;
}

/** One block of images for the GPU, and the indices of each split in it. */
export interface ArrangedData {
  /** The training part's images, then the test part's. */
  images: LabelledImages;
  /** Indices into `images`, ascending. */
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/**
 * Selects the first N images that the experiment asks for (all, if there are fewer), splits off the
 * validation images by its seed, and shrinks the images where the network's input is a whole fraction of theirs. Without test
 * images `test` is empty. Throws DataError where nothing is left to train on.
 */
export function arrange(
  data: DataSet,
  choice: CutChoice,
  seed: number,
  inputShape: readonly [number, number, number] = data.train.shape,
): ArrangedData {
  const train = range(data.train, 0, Math.min(choice.trainImages ?? Infinity, data.train.count));
  const test = range(data.test, 0, Math.min(choice.testImages ?? Infinity, data.test.count));
  const title = DATASET_TITLES[data.name];
  if (train.count === 0) {
    throw new DataError(title, `no training images are loaded, only ${test.count} test images. Add a training shard.`);
  }
  const split = splitValidation(train.labels, data.classes.length, choice.validationShare, seed);
  if (split.train.length === 0) {
    throw new DataError(
      title,
      `a validation share of ${choice.validationShare} leaves none of ${train.count} images to train on. Lower it.`,
    );
  }
  const factor = train.shape[1] / inputShape[1];
  const images = joined(train, test);
  return {
    images: Number.isInteger(factor) && train.shape[2] / inputShape[2] === factor ? shrink(images, factor) : images,
    ...split,
    test: Uint32Array.from({ length: test.count }, (_, i) => train.count + i),
  };
}

const imageBytes = ([channels, height, width]: [number, number, number]): number => channels * height * width;

function emptyBlock(count: number, shape: [number, number, number]): { images: Uint8Array; labels: Uint8Array } {
  return { images: new Uint8Array(count * imageBytes(shape)), labels: new Uint8Array(count) };
}

/** Images first … first + count − 1; views, not copies. */
function range(set: LabelledImages, first: number, count: number): LabelledImages {
  const bytes = imageBytes(set.shape);
  return {
    ...set,
    images: set.images.subarray(first * bytes, (first + count) * bytes),
    labels: set.labels.subarray(first, first + count),
    count,
  };
}

/** Both after one another: a view where they already lie so, else a copy. */
function joined(train: LabelledImages, test: LabelledImages): LabelledImages {
  const count = train.count + test.count;
  const { images } = train;
  const adjacent = images.buffer === test.images.buffer && images.byteOffset + images.length === test.images.byteOffset;
  const labels = new Uint8Array(count);
  labels.set(train.labels);
  labels.set(test.labels, train.count);
  if (adjacent) {
    return {
      ...train,
      images: new Uint8Array(images.buffer, images.byteOffset, images.length + test.images.length),
      labels,
      count,
    };
  }
  const block = emptyBlock(count, train.shape);
  block.images.set(images);
  block.images.set(test.images, images.length);
  return { ...train, images: block.images, labels, count };
}
