/**
 * The index of the data folder, safe against a crash at any moment: shards are written first, then the index that names them. The
 * index alternates between two files; the readable one with the higher generation is valid, so an incomplete write loses only the
 * last change.
 */
import { z } from 'zod';
import type { ByteFolder } from './byteFolder.ts';

const natural = z.int().min(0);

const shardSchema = z.object({
  /** Also the name of its file, with `.shard`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The file it came from, for display. */
  file: z.string(),
  part: z.enum(['train', 'test']),
  count: natural,
  shape: z.tuple([natural, natural, natural]),
  perClass: z.array(natural),
});

const setSchema = z.object({
  classes: z.array(z.string()),
  shards: z.array(shardSchema),
  /** Removed; can be restored until the next start. */
  removed: z.boolean(),
});

const indexSchema = z.object({
  format: z.literal('relu-studio/data'),
  version: z.literal(1),
  generation: natural,
  sets: z.partialRecord(z.enum(['cifar-10', 'cifar-100', 'tiny-imagenet']), setSchema),
});

export type StoredShard = z.infer<typeof shardSchema>;
export type StoredSet = z.infer<typeof setSchema>;
export type DataIndex = z.infer<typeof indexSchema>;

export const pixelsPerImage = ([channels, height, width]: [number, number, number]): number =>
  channels * height * width;

/** Size of a shard's file in bytes: one byte per label, then the pixels. */
export const shardBytes = ({ count, shape }: StoredShard): number => count * (1 + pixelsPerImage(shape));

const SLOTS = ['index-a.json', 'index-b.json'];

export const isIndexFile = (name: string): boolean => SLOTS.includes(name);

async function readSlot(folder: ByteFolder, name: string): Promise<DataIndex | null> {
  if ((await folder.size(name)) === null) return null;
  try {
    return indexSchema.parse(JSON.parse(new TextDecoder().decode(await folder.read(name))));
  } catch {
    return null;
  }
}

/** The newest readable index; an empty one where there is none. */
export async function readIndex(folder: ByteFolder): Promise<DataIndex> {
  const slots = await Promise.all(SLOTS.map((name) => readSlot(folder, name)));
  const [newest] = slots.filter((slot) => slot !== null).toSorted((a, b) => b.generation - a.generation);
  return newest ?? { format: 'relu-studio/data', version: 1, generation: 0, sets: {} };
}

/** Writes the next generation over the older slot. */
export async function writeIndex(folder: ByteFolder, index: DataIndex): Promise<DataIndex> {
  const next = { ...index, generation: index.generation + 1 };
  await folder.write(SLOTS[next.generation % 2], [new TextEncoder().encode(JSON.stringify(next))]);
  return next;
}
