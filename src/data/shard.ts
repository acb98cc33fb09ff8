/**
 * The content of one file: a shard of labelled images, the names of the classes, or nothing that is used.
 */
import { hexOf, sha256 } from '../domain/hash.ts';
import type { DataSetName, Part } from './types.ts';

export type ImportedName = Exclude<DataSetName, 'synthetic'>;

export interface Shard {
  dataset: ImportedName;
  /** As stored in the file (a pickle's batch_label); null: decided by the file's name. */
  part: Part | null;
  /** uint8, N × 3 × H × W. */
  images: Uint8Array;
  labels: Uint8Array;
  count: number;
  shape: [number, number, number];
}

export type Content =
  | { kind: 'shard'; shard: Shard }
  | { kind: 'names'; dataset: ImportedName; names: string[] }
  /** Files that accompany the data: a readme, the coarse label names. */
  | { kind: 'nothing' };

/** SHA-256 of pixels and labels, hexadecimal: the same whatever kind of file they came in. */
export async function fingerprint(shard: Pick<Shard, 'images' | 'labels'>): Promise<string> {
  const both = new Uint8Array(64);
  both.set(await sha256(shard.labels));
  both.set(await sha256(shard.images), 32);
  return hexOf(await sha256(both));
}

/** "1 image", "1,000 images". */
export const imagesText = (n: number): string => `${grouped(n)} image${n === 1 ? '' : 's'}`;

/** 1234567 as "1,234,567", for messages. */
export function grouped(n: number): string {
  return n.toLocaleString('en');
}
