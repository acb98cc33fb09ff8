/**
 * CIFAR's binary form: records without any header, so that only the length and the label bytes say which one it is.
 *
 *   CIFAR-10    1 label (0 … 9)                                   + 3,072 pixels = 3,073 bytes
 *   CIFAR-100   1 coarse label (0 … 19), 1 fine label (0 … 99)    + 3,072 pixels = 3,074 bytes
 *
 * A length that both divide (every 9,446,402 bytes) is decided by the labels; where even those fit both, by whether each fine
 * label keeps to one coarse label, as in CIFAR-100.
 */
import { CIFAR10, CIFAR100, CIFAR_PIXELS } from './formats.ts';
import type { CifarFormat } from './formats.ts';
import { grouped } from './shard.ts';
import type { Shard } from './shard.ts';
import { DataError } from './types.ts';

interface BadLabel {
  offset: number;
  record: number;
  label: number;
  /** What the label should have been below. */
  range: number;
  coarse: boolean;
}

/** The first label out of range, over the whole records that the bytes hold. */
function firstBadLabel(bytes: Uint8Array, format: CifarFormat): BadLabel | null {
  const { labelRanges, recordBytes } = format;
  const records = Math.floor(bytes.length / recordBytes);
  for (let record = 0; record < records; record++) {
    for (let k = 0; k < labelRanges.length; k++) {
      const offset = record * recordBytes + k;
      if (bytes[offset] >= labelRanges[k]) {
        return { offset, record, label: bytes[offset], range: labelRanges[k], coarse: k < labelRanges.length - 1 };
      }
    }
  }
  return null;
}

/** Whether each fine label comes with one coarse label only, and there is more than one class at all. */
function labelsNest(bytes: Uint8Array): boolean {
  const coarseOf = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += CIFAR100.recordBytes) {
    const known = coarseOf.get(bytes[at + 1]);
    if (known !== undefined && known !== bytes[at]) return false;
    coarseOf.set(bytes[at + 1], bytes[at]);
  }
  return coarseOf.size > 1;
}

/** Which of the two it is, or a DataError that says why it is neither. */
export function recogniseCifar(bytes: Uint8Array, file: string): CifarFormat {
  const whole = [CIFAR10, CIFAR100].filter((format) => bytes.length % format.recordBytes === 0);
  if (whole.length === 0) throw wrongLength(bytes, file);
  const bad = whole.map((format) => firstBadLabel(bytes, format));
  const fitting = whole.filter((_, i) => bad[i] === null);
  if (fitting.length === 2) return labelsNest(bytes) ? CIFAR100 : CIFAR10;
  if (fitting.length === 1) return fitting[0];
  // Neither fits: the one whose labels hold out longer is what the file was meant to be.
  const best = bad[1] !== undefined && bad[1] !== null && bad[0] !== null && bad[1].offset > bad[0].offset ? 1 : 0;
  throw badLabel(whole[best], bad[best], file);
}

function badLabel(format: CifarFormat, bad: BadLabel | null, file: string): DataError {
  if (bad === null) throw new RangeError('no bad label');
  const kind = format === CIFAR10 ? 'class' : bad.coarse ? 'coarse class' : 'fine class';
  return new DataError(
    file,
    `label ${bad.label} in record ${grouped(bad.record)} (byte ${grouped(bad.offset)}) is not a ${format.title} ${kind} ` +
      `(0 … ${bad.range - 1}). The file is damaged or holds something else: download it again.`,
    bad.offset,
  );
}

function wrongLength(bytes: Uint8Array, file: string): DataError {
  const say = (format: CifarFormat): string =>
    `${format.title} records (${grouped(format.recordBytes)} bytes each; ${grouped(bytes.length % format.recordBytes)} left over)`;
  const length = `${grouped(bytes.length)} byte${bytes.length === 1 ? '' : 's'}`;
  const plausible = [CIFAR10, CIFAR100].filter((f) => bytes.length > f.recordBytes && firstBadLabel(bytes, f) === null);
  const advice = 'The file seems cut off: download it again.';
  if (plausible.length === 1)
    return new DataError(file, `${length} is not a whole number of ${say(plausible[0])}. ${advice}`, bytes.length);
  const both = `${length} is neither a whole number of ${say(CIFAR10)} nor of ${say(CIFAR100)}`;
  if (plausible.length === 2) return new DataError(file, `${both}. ${advice}`, bytes.length);
  return new DataError(file, `${both}, and it is nothing else that can be read here. ${READABLE}`, bytes.length);
}

export const READABLE =
  'Choose CIFAR-10 or CIFAR-100 (binary shards, Python batches, their .tar.gz archives as downloaded) or Tiny-ImageNet (tiny-imagenet-200.zip), or folders of these.';

/** Reads one binary shard; images and labels are copies. */
export function readCifarBinary(bytes: Uint8Array, file: string): Shard {
  const format = recogniseCifar(bytes, file);
  const labelBytes = format.labelRanges.length;
  const count = bytes.length / format.recordBytes;
  const images = new Uint8Array(count * CIFAR_PIXELS);
  const labels = new Uint8Array(count);
  for (let n = 0, at = 0; n < count; n++, at += format.recordBytes) {
    labels[n] = bytes[at + labelBytes - 1];
    images.set(bytes.subarray(at + labelBytes, at + format.recordBytes), n * CIFAR_PIXELS);
  }
  return { dataset: format.name, part: null, images, labels, count, shape: [3, 32, 32] };
}
