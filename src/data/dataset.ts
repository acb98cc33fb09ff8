/** Shards put together into a data set. */
import { CIFAR10, CIFAR100, NORMALISATION } from './formats.ts';
import { inOrder } from './order.ts';
import type { ImportedName } from './shard.ts';
import { drawSynthetic } from './synthetic.ts';
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
 * shard at a time is held beside the result.
 */
export async function assemble<T extends ShardFacts>(
  name: ImportedName,
  shards: readonly T[],
  read: (shard: T) => Promise<Pixels>,
  classes: readonly string[] = defaultClasses(name),
): Promise<DataSet> {
  const shape = shards[0]?.shape ?? [3, 32, 32];
  const bytes = shape[0] * shape[1] * shape[2];
  const part = async (wanted: Part): Promise<LabelledImages> => {
    const own = inOrder(shards.filter((shard) => shard.part === wanted));
    const count = own.reduce((sum, shard) => sum + shard.count, 0);
    const base = { shape, classes, ...NORMALISATION[name], count };
    if (own.length === 1) return { ...base, ...(await read(own[0])) };
    const images = new Uint8Array(count * bytes);
    const labels = new Uint8Array(count);
    let at = 0;
    for (const shard of own) {
      const pixels = await read(shard);
      images.set(pixels.images, at * bytes);
      labels.set(pixels.labels, at);
      at += shard.count;
    }
    return { ...base, images, labels };
  };
  return { name, classes, train: await part('train'), test: await part('test') };
}

/** The built-in data set; image i of a part is the same however many are drawn. */
export function syntheticDataSet(seed: number, trainImages: number | null, testImages: number | null, size = 32): DataSet {
  const train = drawSynthetic({ seed, part: 'train', count: trainImages ?? SYNTHETIC_DEFAULTS.trainImages, size });
  const test = drawSynthetic({ seed, part: 'test', count: testImages ?? SYNTHETIC_DEFAULTS.testImages, size });
  return { name: 'synthetic', classes: train.classes, train, test };
}
