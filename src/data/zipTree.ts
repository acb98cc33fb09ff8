/**
 * A zip archive as a tree of small files, read by random access. zip.js reads the central directory (ZIP64, names in any encoding);
 * of each member only what is needed to find it is kept, because 120,000 of zip.js's own entries take 900 MB. Members are inflated
 * in memory with fflate, a tenth of the time that a stream for each would take.
 *
 *   local header, 30 bytes:  signature 4, …, name length at 26, extra length at 28; then name, extra field and the data
 */
import { configure, Reader, ZipReader } from '@zip.js/zip.js';
import { inflateSync } from 'fflate';
import { printable } from '../domain/printable.ts';
import type { FileTree, TreeFile } from './fileTree.ts';
import type { Source } from './source.ts';
import { unreadable } from './source.ts';
import { DataError } from './types.ts';

// This already runs in a worker, or in Node.
configure({ useWebWorkers: false });

/** Tiny-ImageNet has 120,206 members. */
const MOST_MEMBERS = 500_000;
/** Bytes per read, so that neighbouring members need no further read. */
const WINDOW = 1 << 18;
const LOCAL_HEADER = 30;
const STORED = 0;
const DEFLATED = 8;

/** Bytes `from` … `to` − 1 of a file. */
export type Slice = (from: number, to: number) => Promise<Uint8Array>;

/** Caches the last piece of the file that was read. */
class Window {
  private bytes = new Uint8Array(0);
  private start = 0;

  constructor(
    private readonly slice: Slice,
    private readonly size: number,
  ) {}

  /** A view of `length` bytes at `from`; fewer at the end of the file. */
  async read(from: number, length: number): Promise<Uint8Array> {
    if (from < this.start || from + length > this.start + this.bytes.length) {
      const to = Math.min(this.size, from + Math.max(length, WINDOW));
      this.bytes = (await this.slice(from, to)) as Uint8Array<ArrayBuffer>;
      this.start = from;
    }
    return this.bytes.subarray(from - this.start, from - this.start + length);
  }
}

class WindowReader extends Reader<Window> {
  constructor(
    private readonly window: Window,
    size: number,
  ) {
    super(window);
    this.size = size;
  }

  override async readUint8Array(from: number, length: number): Promise<Uint8Array> {
    // A copy: zip.js keeps what it is given.
    return (await this.window.read(from, length)).slice();
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as zip, gzip and PNG use it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[i]) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

/** What is needed to find and check a member. */
interface Member {
  offset: number;
  packed: number;
  size: number;
  method: number;
  crc: number;
}

async function readMember(window: Window, member: Member, file: string, most: number): Promise<Uint8Array> {
  const { offset, packed, size, method, crc } = member;
  const damaged = () => new DataError(file, 'this member of the zip archive is damaged. Download the archive again.');
  if (size > most)
    throw new DataError(file, `${size.toLocaleString('en')} bytes are too many for one file of this data set.`);
  if (method !== STORED && method !== DEFLATED)
    throw new DataError(file, 'it is packed by a method that is not supported. Pack the archive again as a plain zip.');
  const header = await window.read(offset, LOCAL_HEADER);
  if (header.length < LOCAL_HEADER || header[0] !== 0x50 || header[1] !== 0x4b || header[2] !== 3 || header[3] !== 4)
    throw damaged();
  const start = offset + LOCAL_HEADER + (header[26] | (header[27] << 8)) + (header[28] | (header[29] << 8));
  const data = await window.read(start, packed);
  if (data.length < packed) throw damaged();
  let bytes: Uint8Array;
  try {
    bytes = method === STORED ? data.slice() : inflateSync(data, { out: new Uint8Array(size) });
  } catch {
    throw damaged();
  }
  if (bytes.length !== size || crc32(bytes) !== crc) throw damaged();
  return bytes;
}

/**
 * The members of a zip archive, folders left out.
 * @param most bytes of one member, unpacked
 * @throws DataError where it is cut off, damaged, encrypted or names a member twice
 */
export async function zipTree(source: Source, slice: Slice, most: number, signal?: AbortSignal): Promise<FileTree> {
  const { name, size } = source;
  const reading: Slice = async (from, to) => {
    signal?.throwIfAborted();
    return slice(from, to).catch((cause: unknown) => {
      throw unreadable(name, cause);
    });
  };
  const window = new Window(reading, size);
  const files: TreeFile[] = [];
  const seen = new Set<string>();
  try {
    const reader = new ZipReader(new WindowReader(window, size));
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory) continue;
      const path = entry.filename;
      if (seen.has(path)) throw new DataError(name, `the zip archive has two members called ${printable(path)}.`);
      if (entry.encrypted)
        throw new DataError(name, 'the zip archive is encrypted. Unpack it and choose the folder that comes out.');
      if (files.length >= MOST_MEMBERS)
        throw new DataError(name, `the zip archive has more than ${MOST_MEMBERS.toLocaleString('en')} members.`);
      seen.add(path);
      const member: Member = {
        offset: entry.offset,
        packed: entry.compressedSize,
        size: entry.uncompressedSize,
        method: entry.compressionMethod,
        // Encrypted members alone have none.
        crc: entry.crc32 ?? -1,
      };
      files.push({
        path,
        size: member.size,
        position: member.offset,
        read: () => readMember(window, member, `${name} → ${printable(path)}`, most),
      });
    }
  } catch (cause) {
    if (cause instanceof DataError || signal?.aborted) throw cause;
    throw new DataError(name, 'the zip archive is cut off or damaged. Download it again.');
  }
  return { name, files };
}
