/**
 * Zip archives in memory, read with care: every size is checked before memory is taken, unpacking stops where more comes out than
 * the archive announced, and each member's checksum is verified.
 */
import { configure, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import type { FileEntry } from '@zip.js/zip.js';
import { printable } from '../domain/printable.ts';
import { DataError } from './types.ts';

// This already runs in a worker, or in Node.
configure({ useWebWorkers: false });

/** No deflate stream unpacks to more than this many times its size. */
const DEFLATE_LIMIT = 1032;
/** Members of one archive; a checkpoint has one for each tensor. */
const MOST_MEMBERS = 100_000;

/** Begins with the signature of a local file header, or is an empty archive. */
export const isZip = (head: Uint8Array): boolean =>
  head.length >= 4 && head[0] === 0x50 && head[1] === 0x4b && head[2] <= 5 && head[3] <= 6;

/** Takes what is unpacked; more than `expected` bytes is an error. */
class Collector extends WritableStream<Uint8Array> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  constructor(expected: number) {
    const bytes = new Uint8Array(expected);
    let at = 0;
    super({
      write: (chunk) => {
        if (at + chunk.length > expected) throw new RangeError('more than announced');
        bytes.set(chunk, at);
        at += chunk.length;
      },
      close: () => {
        if (at !== expected) throw new RangeError('less than announced');
      },
    });
    this.bytes = bytes;
  }
}

export class ZipArchive {
  private constructor(
    private readonly file: string,
    private readonly entries: Map<string, FileEntry>,
  ) {}

  /** @throws DataError where it is no zip archive, is cut short, or names a member twice. */
  static async open(bytes: Uint8Array, file: string): Promise<ZipArchive> {
    const members = new Map<string, FileEntry>();
    try {
      const reader = new ZipReader(new Uint8ArrayReader(bytes));
      for await (const entry of reader.getEntriesGenerator()) {
        if (entry.directory) continue;
        if (members.has(entry.filename))
          throw new DataError(file, `the zip archive has two members called ${printable(entry.filename)}.`);
        members.set(entry.filename, entry);
        if (members.size > MOST_MEMBERS)
          throw new DataError(file, `the zip archive has more than ${MOST_MEMBERS.toLocaleString('en')} members.`);
      }
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw new DataError(file, 'the zip archive is cut short or damaged. Download or save it again.');
    }
    return new ZipArchive(file, members);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Bytes that a member unpacks to, as the archive says. */
  sizeOf(name: string): number {
    return this.entries.get(name)?.uncompressedSize ?? 0;
  }

  /**
   * A member, unpacked.
   * @param most refused beyond this many bytes
   * @throws DataError
   */
  async read(name: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.entries.get(name);
    const shown = printable(name);
    if (!entry) throw new DataError(this.file, `the zip archive has no member ${shown}.`);
    if (entry.encrypted) throw new DataError(this.file, `${shown} is encrypted. Save it without a password.`);
    const { uncompressedSize: size, compressedSize } = entry;
    if (size > most)
      throw new DataError(
        this.file,
        `${shown} unpacks to ${size.toLocaleString('en')} bytes; at most ${most.toLocaleString('en')} are read.`,
      );
    if (size > compressedSize * DEFLATE_LIMIT)
      throw new DataError(
        this.file,
        `${shown} claims to unpack ${compressedSize.toLocaleString('en')} bytes to ${size.toLocaleString('en')}, which is impossible.`,
      );
    const collector = new Collector(size);
    try {
      await entry.getData(collector, { checkCrc32: true });
    } catch (cause) {
      throw new DataError(
        this.file,
        `${shown} is damaged: ${cause instanceof RangeError ? `it unpacks to ${cause.message}` : 'its checksum or compression is wrong'}. Download or save it again.`,
      );
    }
    return collector.bytes;
  }
}
