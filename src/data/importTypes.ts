/** What an import takes and tells: the options, the shards it hands over and the report on each file. */
import type { DecodeJpeg } from './jpeg.ts';
import type { ImportedName, Shard } from './shard.ts';
import type { TinyLimits } from './tinyImagenet.ts';
import type { Part } from './types.ts';

/** What is told about each file that was looked at. */
export interface FileReport {
  file: string;
  /**
   * Refused: `message` is whole, it opens with the file's name. `ask`: not kept yet, name the part and import again. `size`: not kept
   * yet, say how many of its classes are wanted and import again. `both`: training and test images.
   */
  outcome:
    | { ok: true; images: number; dataset: ImportedName; part: Part | 'ask' | 'both' }
    | { ok: true; images: number; dataset: ImportedName; part: 'size'; classes: number; bytes: number }
    | { ok: false; message: string };
}

/** A shard whose part is known, and the fingerprint by which it is met again. */
export interface KeptShard extends Shard {
  part: Part;
  file: string;
  /** SHA-256 of pixels and labels, hexadecimal: the same for binary and Python form. */
  hash: string;
  /** Names of the classes, where the files decide which there are. */
  classes?: string[];
}

/** A shard that the collection already has, from this import or an earlier one. */
export interface PresentShard {
  hash: string;
  file: string;
  part: Part;
}

export interface ImportOptions {
  /**
   * Parts that the user named, by the file's name as reported, or by that of its archive or folder: those settle only what the
   * names inside leave open, so that nobody trains on the test batch of a folder said to be training data.
   */
  parts?: Record<string, Part>;
  /** Loaded before: the same shard again is refused. */
  present?: readonly PresentShard[];
  /** Bytes read so far of a file that is worth a progress bar (1 MiB and more), once a mebibyte and at its end. */
  onProgress?: (file: string, done: number, total: number) => void;
  onReport?: (report: FileReport) => void;
  signal?: AbortSignal;
  /** Decodes JPEGs; asked for at the first data set of pictures. */
  jpeg?: () => Promise<DecodeJpeg>;
  /** What is wanted of a data set of pictures. Without it, one of more than `askAbove` bytes ends in a question. */
  pictures?: Partial<TinyLimits>;
  askAbove?: number;
  /** Bytes that may still be kept; null: unknown. */
  freeBytes?: () => Promise<number | null>;
  /** Takes shards back that `keep` took, by hash: the rest of their data set could not be read. */
  discard?: (hashes: string[]) => Promise<void>;
  /** Takes a shard over; a DataError from here (no space left) becomes the file's sentence. */
  keep: (shard: KeptShard) => Promise<void>;
  /** Names of the classes, where a meta file came along. */
  names?: (dataset: ImportedName, names: string[]) => void;
}
