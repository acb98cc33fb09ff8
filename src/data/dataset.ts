/** Shards put together into a data set. */
import { CIFAR10, CIFAR100, NORMALISATION } from './formats.ts';
import { inOrder } from './order.ts';
import type { ImportedName } from './shard.ts';
import { drawSynthetic } from './synthetic.ts';
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
