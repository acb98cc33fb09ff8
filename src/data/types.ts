/**
 * Labelled images in CIFAR's layout, the data sets made of them, and the one error class of this folder.
 */

export type DataSetName = 'synthetic' | 'cifar-10' | 'cifar-100' | 'tiny-imagenet';

export type Part = 'train' | 'test';

/** One part of a data set, ready for an engine (it fits the engine's ImageSet). */
export interface LabelledImages {
  /** uint8, N × 3 × H × W: planes red, green, blue, rows from the top (CIFAR's order). */
  images: Uint8Array;
  /** N class indices, 0 … classes.length − 1. */
  labels: Uint8Array | Uint16Array;
  count: number;
  /** (channels, height, width) */
  shape: [number, number, number];
  classes: readonly string[];
  /** Per channel, of pixels scaled to 0 … 1: what normalising subtracts and divides by. */
  mean: number[];
  std: number[];
}

/** A data set: both parts, either of which may be empty. */
export interface DataSet {
  name: DataSetName;
  classes: readonly string[];
  train: LabelledImages;
  test: LabelledImages;
}

/**
 * A file that cannot be read. `message` is one or two complete sentences: the file, what is wrong and what to do.
 */
export class DataError extends Error {
  override readonly name = 'DataError';
  /** Name of the file, with the archive member after an arrow where there is one. */
  readonly file: string;
  /** Byte offset (of the unpacked file) at which reading failed, where there is one. */
  readonly offset: number | null;

  constructor(file: string, message: string, offset: number | null = null) {
    super(`${file}: ${message}`);
    this.file = file;
    this.offset = offset;
  }
}
