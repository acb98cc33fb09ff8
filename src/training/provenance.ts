/**
 * What a run depends on beside its experiment: the data that it was trained on, and the device. Its checkpoints carry both, so that
 * a run resumes with the same data only, and says where another device makes the results differ.
 */
import { hexOf, sha256, sha256Hex } from '../domain/hash.ts';
import type { TrainingData } from './trainingData.ts';

/** Identifies the data of a run and how it is split. Counts are images. */
export interface DataRecord {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** SHA-256 of pixels and labels of all images, hexadecimal. */
  readonly imagesSha256: string;
  /** SHA-256 of the three lists of indices. */
  readonly splitSha256: string;
}

/** Identifies what computes: results repeat bit for bit only where both are the same. */
export interface DeviceRecord {
  readonly adapter: string;
  /** Kernel tiles that were chosen by measuring; null where they are the defaults. */
  readonly tiles: string | null;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The platform's digest copies what it is given: large data is hashed in pieces of this many bytes. */
const PIECE = 64 * 2 ** 20;

/** SHA-256 over the SHA-256 of each part's pieces. */
async function sha256OfParts(parts: readonly ArrayBufferView[]): Promise<string> {
  const each: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = bytesOf(part);
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE)
      each.push(await sha256(bytes.subarray(at, at + PIECE)));
  }
  return sha256Hex(new TextEncoder().encode(each.map(hexOf).join('\n')));
}

export async function dataRecordOf({ images, train, validation, test }: TrainingData): Promise<DataRecord> {
  const labels = Uint16Array.from(images.labels);
  return {
    train: train.length,
    validation: validation.length,
    test: test.length,
    imagesSha256: await sha256OfParts([images.images, labels]),
    splitSha256: await sha256OfParts([train, validation, test]),
  };
}

const number = (n: number): string => n.toLocaleString('en');

/** What differs between the data of a run and the data at hand, as a clause; null where they are the same. */
export function dataChange(before: DataRecord, now: DataRecord): string | null {
  const counts = (['train', 'validation', 'test'] as const)
    .filter((part) => before[part] !== now[part])
    .map(
      (part) => `${number(before[part])} ${part === 'train' ? 'training' : part} images then, ${number(now[part])} now`,
    );
  if (counts.length > 0) return counts.join('; ');
  if (before.imagesSha256 !== now.imagesSha256) return 'as many images, but other pixels or labels';
  if (before.splitSha256 !== now.splitSha256) return 'the same images, but split differently';
  return null;
}

/** What differs between two devices, as a sentence; null where they are the same. */
export function deviceChange(before: DeviceRecord, now: DeviceRecord): string | null {
  if (before.adapter !== now.adapter)
    return `Continued on another adapter (${now.adapter}, before: ${before.adapter}): results differ in their last bits from those of an uninterrupted run.`;
  if (before.tiles !== now.tiles)
    return 'Continued with other kernel tiles: results differ in their last bits from those of an uninterrupted run.';
  return null;
}
