/**
 * Recognises the kind of a file from its first bytes alone; names and extensions are ignored.
 *
 * The kinds cannot be confused with CIFAR's binary form: that begins with a label below 20, all others with a byte above.
 */
import { readCifarBinary, READABLE } from './cifarBinary.ts';
import { readCifarPickle } from './cifarPickle.ts';
import { CIFAR10, CIFAR100 } from './formats.ts';
import { isGzip } from './gzip.ts';
import { isPickle } from './pickle.ts';
import { grouped } from './shard.ts';
import type { Content } from './shard.ts';
import { isTar } from './tar.ts';
import { DataError } from './types.ts';

/** Bytes that `sniff` needs: one tar header. */
export const HEAD_BYTES = 512;

/** Kinds that are recognised only to name them in the error message. */
type Refused = 'zip' | 'archive' | 'picture' | 'data' | 'oldPickle';

export type Kind = 'empty' | 'gzip' | 'tar' | 'pickle' | 'text' | 'binary' | Refused;

const startsWith = (head: Uint8Array, signature: string, at = 0): boolean => {
  for (let i = 0; i < signature.length; i++) if (head[at + i] !== signature.charCodeAt(i)) return false;
  return true;
};

/** Signatures of files that users drop by mistake. */
const SIGNATURES: [signature: string, kind: Refused, what: string][] = [
  ['PK\x03\x04', 'zip', 'a zip archive'],
  ['PK\x05\x06', 'zip', 'an empty zip archive'],
  ['PK\x07\x08', 'zip', 'a zip archive'],
  ['7z\xbc\xaf\x27\x1c', 'archive', 'a 7-Zip archive'],
  ['Rar!\x1a\x07', 'archive', 'a RAR archive'],
  ['BZh', 'archive', 'a bzip2 archive'],
  ['\xfd7zXZ\x00', 'archive', 'an xz archive'],
  ['\x28\xb5\x2f\xfd', 'archive', 'a zstd archive'],
  ['\x89PNG\r\n\x1a\n', 'picture', 'a PNG picture'],
  ['\xff\xd8\xff', 'picture', 'a JPEG picture'],
  ['GIF8', 'picture', 'a GIF picture'],
  ['BM', 'picture', 'a BMP picture'],
  ['II*\x00', 'picture', 'a TIFF picture'],
  ['MM\x00*', 'picture', 'a TIFF picture'],
  ['MATLAB 5.0', 'data', 'a MATLAB file'],
  ['PAR1', 'data', 'a Parquet file'],
  ['\x93NUMPY', 'data', 'a NumPy array'],
  ['\x89HDF\r\n\x1a\n', 'data', 'an HDF5 file'],
  // A dict as the first thing of a pickle without PROTO.
  ['(dp', 'oldPickle', 'a Python pickle of protocol 0'],
  ['}q\x00(', 'oldPickle', 'a Python pickle of protocol 1'],
];

function signature(head: Uint8Array): { kind: Refused; what: string } | null {
  for (const [bytes, kind, what] of SIGNATURES) if (startsWith(head, bytes)) return { kind, what };
  if (startsWith(head, 'RIFF') && startsWith(head, 'WEBP', 8)) return { kind: 'picture', what: 'a WebP picture' };
  if (startsWith(head, 'ftypavif', 4)) return { kind: 'picture', what: 'an AVIF picture' };
  return null;
}

/** UTF-8 that begins with a printable character and has no control characters but white space. */
function isText(head: Uint8Array): boolean {
  if (head[0] < 32 || head.some((byte) => byte === 127 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)))
    return false;
  try {
    // As a stream, since the head may end inside a character.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The kind of a file from its first HEAD_BYTES (all of it, where it is shorter). */
export function sniff(head: Uint8Array): Kind {
  if (head.length === 0) return 'empty';
  if (isGzip(head)) return 'gzip';
  const known = signature(head);
  if (known !== null) return known.kind;
  if (isTar(head)) return 'tar';
  if (isPickle(head)) return 'pickle';
  return isText(head) ? 'text' : 'binary';
}

/** Why a file of this kind cannot be used; null for the kinds that may. */
export function refusal(kind: Kind, head: Uint8Array, file: string): DataError | null {
  const what = signature(head)?.what ?? kind;
  switch (kind) {
    case 'empty':
      return new DataError(file, 'the file is empty (0 bytes). Download it again.', 0);
    case 'zip':
      return new DataError(
        file,
        `this is ${what} that holds no data set of pictures. Unpack it and choose the folder that comes out.`,
        0,
      );
    case 'archive':
      return new DataError(
        file,
        `this is ${what}, which is not read here. Unpack it, or choose the .tar.gz that CIFAR is published as.`,
        0,
      );
    case 'picture':
      return new DataError(file, `this is ${what}, not a data set. ${READABLE}`, 0);
    case 'data':
      return new DataError(file, `this is ${what}, which is not read here. ${READABLE}`, 0);
    case 'oldPickle':
      return new DataError(file, `this is ${what}; 2 to 5 are read here. Save it again with pickle's protocol 2.`, 0);
    default:
      return null;
  }
}

/** Label names, one per line: 10, 100 or CIFAR-100's 20 coarse ones; null for other text. */
function labelNames(text: string, file: string): Content | null {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (!lines.every((line) => /^[\w .,'()/-]{1,60}$/.test(line))) return null;
  const named = /meta|name|label|class/i.test(file);
  for (const format of [CIFAR10, CIFAR100]) {
    const official = lines.join() === format.classes.join();
    if (lines.length === format.classes.length && (named || official))
      return { kind: 'names', dataset: format.name, names: lines };
  }
  return lines.length === 20 && named ? { kind: 'nothing' } : null;
}

/**
 * Reads a file that is not an archive. `inFolder`: it was in a folder, where text files other than lists of names are ignored.
 * Throws DataError.
 */
export function readContent(bytes: Uint8Array, file: string, inFolder: boolean): Content {
  const head = bytes.subarray(0, HEAD_BYTES);
  const kind = sniff(head);
  const refused = refusal(kind, head, file);
  if (refused !== null) throw refused;
  if (kind === 'gzip' || kind === 'tar')
    throw new DataError(
      file,
      `this is a ${kind} archive inside another archive. Unpack the outer one and choose it.`,
      0,
    );
  if (kind === 'pickle') return readCifarPickle(bytes, file);
  if (kind === 'text') {
    const names = bytes.length < 1 << 16 ? labelNames(new TextDecoder().decode(bytes), file) : null;
    if (names !== null) return names;
    if (inFolder) return { kind: 'nothing' };
    throw new DataError(file, `this is a text of ${grouped(bytes.length)} bytes, not a data set. ${READABLE}`, 0);
  }
  return { kind: 'shard', shard: readCifarBinary(bytes, file) };
}
