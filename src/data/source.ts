/**
 * Named byte streams: one interface for a dropped File and for a file read by Node. Readers accept chunks of any size.
 */
import { DataError } from './types.ts';

export type Chunks = AsyncIterable<Uint8Array>;

export interface Source {
  /** As shown to users: the path relative to what was dropped, or the path given. */
  name: string;
  /** Bytes, for progress. */
  size: number;
  /** The folder that contained it: unrelated files in folders are ignored instead of refused; null: dropped on its own. */
  folder: string | null;
  open(): Chunks;
  /** Bytes `from` … `to` − 1, where the file can be read at any place: needed for zip archives. */
  slice?(from: number, to: number): Promise<Uint8Array>;
}

/** A platform stream as chunks; its reader is released however the loop ends (Safari's streams are not iterable). */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Chunks of bytes already in memory, in pieces of at most `piece` bytes. */
export async function* chunksOfBytes(bytes: Uint8Array, piece = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

/** Counts the bytes and stops as soon as the signal is aborted. */
export async function* watched(
  chunks: Chunks,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Error for a file without read permission, or that was removed or changed since it was chosen. */
export function unreadable(file: string, cause: unknown): DataError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  // Browsers say by the name what Node says in words: "EACCES: permission denied, open '/a/b'".
  const why = /^Not(Readable|Found)Error$/.test(name)
    ? 'it was moved, changed or locked since it was chosen'
    : (/^E[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message.replace(/\.?\s*$/, ''));
  return new DataError(
    file,
    `it cannot be read (${why}). Check that it is there and may be read, and choose it again.`,
  );
}

/** A source's bytes; what goes wrong while reading them is the file's own error. */
export async function* chunksOfSource({ name, open }: Source): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** Largest supported file; CIFAR-100's training file has 155 MB. */
export const LARGEST_FILE = 1 << 28;

export function tooLarge(file: string, bytes: number): DataError {
  const size = `${bytes > LARGEST_FILE ? (bytes / 1e6).toFixed(0) : 'more than 268'} MB`;
  return new DataError(
    file,
    `${size} in one file is more than any of the data sets that can be read here. Leave it out.`,
  );
}

/**
 * A reader that pulls exact numbers of bytes out of chunks. Only what is asked for is held, so a header that promises a
 * terabyte allocates nothing until the bytes arrive.
 */
export class ChunkReader {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private pending: Uint8Array[] = [];
  private available = 0;
  /** Bytes handed out so far. */
  offset = 0;

  constructor(chunks: Chunks) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  private async fill(bytes: number): Promise<void> {
    while (this.available < bytes) {
      const next: IteratorResult<Uint8Array, unknown> = await this.iterator.next();
      if (next.done) return;
      if (next.value.length === 0) continue;
      this.pending.push(next.value);
      this.available += next.value.length;
    }
  }

  private join(bytes: number): Uint8Array {
    const first = this.pending[0];
    if (first !== undefined && first.length >= bytes) return first.subarray(0, bytes);
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (const chunk of this.pending) {
      if (at === bytes) break;
      const part = chunk.subarray(0, bytes - at);
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  private drop(bytes: number): void {
    this.offset += bytes;
    this.available -= bytes;
    while (bytes > 0) {
      const first = this.pending[0];
      if (first.length > bytes) {
        this.pending[0] = first.subarray(bytes);
        return;
      }
      bytes -= first.length;
      this.pending.shift();
    }
  }

  /** The next bytes without taking them: fewer than asked only at the end. */
  async peek(bytes: number): Promise<Uint8Array> {
    await this.fill(bytes);
    return this.join(Math.min(bytes, this.available));
  }

  /** Takes the next bytes: fewer than asked only at the end. */
  async take(bytes: number): Promise<Uint8Array> {
    const taken = await this.peek(bytes);
    this.drop(taken.length);
    return taken;
  }

  /** Skips bytes without storing them; returns how many there were. */
  async skip(bytes: number): Promise<number> {
    let left = bytes;
    while (left > 0) {
      await this.fill(1);
      if (this.available === 0) break;
      const step = Math.min(left, this.available);
      this.drop(step);
      left -= step;
    }
    return bytes - left;
  }

  /** Everything that is left; throws DataError where that is more than `limit` bytes. */
  async rest(file: string, limit = LARGEST_FILE): Promise<Uint8Array> {
    await this.fill(limit + 1);
    if (this.available > limit) throw tooLarge(file, 0);
    return this.take(this.available);
  }

  /** What is left, as chunks; the reader must not be used afterwards. */
  async *remaining(): AsyncGenerator<Uint8Array> {
    try {
      while (this.pending.length > 0) {
        const [first] = this.pending.splice(0, 1);
        this.available -= first.length;
        this.offset += first.length;
        yield first;
      }
      for (;;) {
        const next: IteratorResult<Uint8Array, unknown> = await this.iterator.next();
        if (next.done) return;
        this.offset += next.value.length;
        yield next.value;
      }
    } finally {
      await this.close();
    }
  }

  /** Releases the source. */
  async close(): Promise<void> {
    this.pending = [];
    this.available = 0;
    await this.iterator.return?.();
  }
}
