/**
 * Streaming tar reader: 512-byte headers, each followed by its file padded to 512 (POSIX ustar; old v7; pax headers'
 * `path` and `size`; GNU's long names). Yields regular files and skips everything else.
 *
 *   offset  bytes  field            offset  bytes  field
 *        0    100  name                156      1  kind: '0' or NUL a file, 'L' long name, 'x' pax, 'g' pax for all
 *      124     12  size, octal         257      6  "ustar"
 *      148      8  checksum, octal     345    155  prefix of the name
 */
import { printable } from '../domain/printable.ts';
import { ChunkReader, LARGEST_FILE } from './source.ts';
import type { Chunks } from './source.ts';
import { DataError } from './types.ts';

const BLOCK = 512;

/** No official archive has a path of more than 60 characters. */
const LONGEST_PATH = 255;

/** Bytes of a header that announces a long name or pax records; writers use a few kilobytes at most. */
const LARGEST_HEADER = 1 << 16;

/** The official archives have 9 members at most. */
const MOST_MEMBERS = 100_000;

export interface TarMember {
  /** Path inside the archive, without control characters, at most 255 characters. */
  name: string;
  data: Uint8Array;
}

function ascii(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** An octal field, or GNU's base-256 where the highest bit is set; null where it is neither. */
function numeric(bytes: Uint8Array): number | null {
  if (bytes[0] & 0x80) {
    let value = bytes[0] & 0x7f;
    for (let i = 1; i < bytes.length; i++) value = value * 256 + bytes[i];
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = ascii(bytes).trim();
  return /^[0-7]*$/.test(text) ? parseInt(text || '0', 8) : null;
}

/** Sum of all header bytes, the checksum field counted as spaces. Old writers summed signed bytes: either will do. */
function checksumFits(header: Uint8Array): boolean {
  const stored = numeric(header.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 32 : header[i];
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  return stored === unsigned || stored === signed;
}

/** True for a header with a name and a valid checksum; for fewer than 512 bytes, the magic alone is checked. */
export function isTar(head: Uint8Array): boolean {
  if (head.length === 0 || head[0] === 0) return false;
  return head.length < BLOCK ? ascii(head.subarray(257, 262)) === 'ustar' : checksumFits(head.subarray(0, BLOCK));
}

/** `length key=value\n` records of a pax header. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(32, at);
    if (space < 0) break;
    const length = Number(new TextDecoder().decode(bytes.subarray(at, space)));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = new TextDecoder().decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** The size given in a pax record; null where it is not a whole number of bytes. */
const paxSize = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null);

/** The regular files of an archive in their order. Throws DataError where it is cut off or a header is damaged. */
export async function* untar(chunks: Chunks, file: string): AsyncGenerator<TarMember> {
  const reader = new ChunkReader(chunks);
  const cutOff = (inside: string): DataError =>
    new DataError(
      file,
      `the tar archive ends too early${inside}, after ${reader.offset.toLocaleString('en')} bytes. Download it again.`,
      reader.offset,
    );
  let longName: string | null = null;
  let pax = new Map<string, string>();
  let members = 0;
  try {
    for (let headers = 0; ; headers++) {
      if (headers > MOST_MEMBERS)
        throw new DataError(
          file,
          `the archive has more than ${MOST_MEMBERS.toLocaleString('en')} members, far more than any that can be read here. Leave it out.`,
        );
      const header = await reader.take(BLOCK);
      if (header.length === 0 && members > 0) return; // Some writers leave out the two blocks of zeros.
      if (header.length < BLOCK) throw cutOff('');
      if (header.every((byte) => byte === 0)) {
        // Reads on to the very end, so that a gzip around the archive gets to its checksum.
        await reader.skip(Infinity);
        return;
      }
      const at = reader.offset - BLOCK;
      const declared = numeric(header.subarray(124, 136));
      if (!checksumFits(header) || declared === null) {
        throw new DataError(
          file,
          `the tar header at byte ${at.toLocaleString('en')} is damaged. Download the archive again.`,
          at,
        );
      }
      const kind = String.fromCharCode(header[156]);
      const prefix = ascii(header.subarray(257, 263)) === 'ustar' ? ascii(header.subarray(345, 500)) : '';
      const path = pax.get('path') ?? longName ?? (prefix ? `${prefix}/` : '') + ascii(header.subarray(0, 100));
      const name = printable(path, LONGEST_PATH);
      const isRegular = kind === '0' || kind === '\0' || kind === '7';
      const sizeRecord = isRegular ? pax.get('size') : undefined;
      const size = sizeRecord === undefined ? declared : paxSize(sizeRecord);
      if (size === null)
        throw new DataError(
          file,
          `the size of the member ${name} is not a whole number of bytes. Download the archive again.`,
          at,
        );
      const padding = (BLOCK - (size % BLOCK)) % BLOCK;
      const isFile = isRegular && !path.endsWith('/');
      const isHeader = kind === 'L' || kind === 'x';
      if ((isFile || isHeader) && size > (isHeader ? LARGEST_HEADER : LARGEST_FILE)) {
        throw new DataError(
          file,
          `the member ${name} claims ${size.toLocaleString('en')} bytes, more than any file of the data sets that can be read here.`,
          at,
        );
      }
      if (isFile || isHeader) {
        const data = await reader.take(size);
        if (data.length < size) throw cutOff(isFile ? ` inside ${name}` : '');
        if (kind === 'L') longName = ascii(data);
        else if (kind === 'x') pax = paxRecords(data);
        else {
          longName = null;
          pax = new Map();
          members++;
          yield { name, data };
        }
        if ((await reader.skip(padding)) < padding) throw cutOff('');
      } else {
        // A directory, link or device: links and directories have no content, whatever their size field says.
        const content = /[1-6]/.test(kind) ? 0 : size + padding;
        if ((await reader.skip(content)) < content) throw cutOff('');
        longName = null;
        if (kind !== 'g') pax = new Map();
      }
    }
  } finally {
    await reader.close();
  }
}
