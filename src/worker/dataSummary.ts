/** Summaries of the stored data sets for the page: counts, files, and sample images. */
import { SYNTHETIC_DEFAULTS } from '../data/dataset.ts';
import { inOrder } from '../data/order.ts';
import type { ImportedName } from '../data/shard.ts';
import { SYNTHETIC_CLASSES } from '../data/synthetic.ts';
import type { Part } from '../data/types.ts';
import { shardBytes } from './dataIndex.ts';
import type { StoredSet } from './dataIndex.ts';
import type { DataSummary, Thumbnails } from './protocol.ts';

/** The built-in data with their default number of images. */
export function syntheticSummary(): DataSummary {
  const part = (images: number) => ({
    images,
    perClass: SYNTHETIC_CLASSES.map(() => images / SYNTHETIC_CLASSES.length),
  });
  return {
    name: 'synthetic',
    classes: [...SYNTHETIC_CLASSES],
    train: part(SYNTHETIC_DEFAULTS.trainImages),
    test: part(SYNTHETIC_DEFAULTS.testImages),
    bytes: 0,
    files: [],
    shape: [3, 32, 32],
  };
}

/** An imported data set: its parts, counts per class, and its files. */
export function summaryOf(name: ImportedName, set: StoredSet): DataSummary {
  const part = (wanted: Part) => {
    const own = set.shards.filter((shard) => shard.part === wanted);
    return {
      images: own.reduce((sum, { count }) => sum + count, 0),
      perClass: set.classes.map((_, c) => own.reduce((sum, { perClass }) => sum + (perClass[c] ?? 0), 0)),
    };
  };
  return {
    name,
    classes: set.classes,
    train: part('train'),
    test: part('test'),
    bytes: set.shards.reduce((sum, shard) => sum + shardBytes(shard), 0),
    files: inOrder(set.shards).map((shard) => ({
      name: shard.file,
      part: shard.part,
      images: shard.count,
      bytes: shardBytes(shard),
    })),
    shape: set.shards[0]?.shape ?? [3, 32, 32],
  };
}

export interface LabelledPixels {
  /** uint8, 3 × H × W. */
  image: Uint8Array;
  label: number;
}

/** Images of one shape (3, H, W) as RGBA, one after the other. */
export function thumbnailsOf(
  found: readonly LabelledPixels[],
  [, height, width]: [number, number, number],
): Thumbnails {
  const area = height * width;
  const rgba = new Uint8ClampedArray(found.length * area * 4).fill(255);
  found.forEach(({ image }, n) => {
    for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) rgba[(n * area + i) * 4 + c] = image[c * area + i];
  });
  return { width, height, rgba, labels: found.map(({ label }) => label) };
}
