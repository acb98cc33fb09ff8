/** Types of an import: its options, the shards it produces and the report on each file. */
import type { DecodeJpeg } from './jpeg.ts';
import type { ImportedName, Shard } from './shard.ts';
import type { TinyLimits } from './tinyImagenet.ts';
import type { Part } from './types.ts';

/** The outcome for one file. */
export interface FileReport {
  file: string;
  /**
   * Refused: `message` is the complete sentence and begins with the file's name. `ask`: not stored yet, import again with its part.
   * `size`: not stored yet, import again with the number of classes to keep. `both`: training and test images.
   */
  outcome:
    | { ok: true; images: number; dataset: ImportedName; part: Part | 'ask' | 'both' }
    | { ok: true; images: number; dataset: ImportedName; part: 'size'; classes: number; bytes: number }
    | { ok: false; message: string };
}

/** A shard whose part is known, with the hash that identifies it. */
export interface KeptShard extends Shard {
  part: Part;
  file: string;
  /** SHA-256 of pixels and labels, hexadecimal: the same for binary and Python form. */
  hash: string;
  /** Names of the classes, where the files decide which there are. */
  classes?: string[];
}

/** A shard that is already loaded, by this import or an earlier one. */
export interface PresentShard {
  hash: string;
  file: string;
  part: Part;
}

export interface ImportOptions {
  /**
   * Parts chosen by the user, by the file's name as reported or by that of its archive or folder. For an archive or folder the
   * choice applies only to files whose own names do not say their part, so that a test batch in a folder of training data stays one.
   */
  parts?: Record<string, Part>;
  /** Already loaded; the same shard again is refused. */
  present?: readonly PresentShard[];
  /** Bytes read so far of a file of at least 1 MiB, once per MiB and at its end. */
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
  /** Removes shards passed to `keep`, by hash, because the rest of their data set could not be read. */
  discard?: (hashes: string[]) => Promise<void>;
  /** Stores a shard; a DataError thrown here (no space left) becomes the file's report. */
  keep: (shard: KeptShard) => Promise<void>;
  /** Names of the classes, if a meta file was among the files. */
  names?: (dataset: ImportedName, names: string[]) => void;
}
