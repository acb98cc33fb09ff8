/**
 * A tree of small files: a dropped folder, or a zip archive with random access. Data sets of image files are read through this
 * interface and do not depend on which of the two it is.
 */
import { printable } from '../domain/printable.ts';
import type { Source } from './source.ts';
import { chunksOfSource } from './source.ts';
import { DataError } from './types.ts';

export interface TreeFile {
  /** Path below the folder or inside the archive, with forward slashes. */
  path: string;
  /** Bytes, unpacked. */
  size: number;
  /** Position in the archive; reading files in this order is fastest. */
  position: number;
  /** @throws DataError naming the file */
  read(): Promise<Uint8Array>;
}

export interface FileTree {
  /** As shown to people: the archive's or folder's name. */
  name: string;
  files: TreeFile[];
}

/** Files of a folder; `most` bytes of each are read at most. */
export function folderTree(name: string, sources: readonly Source[], most: number): FileTree {
  return {
    name,
    files: sources.map((source, position) => ({
      path: source.name.replaceAll('\\', '/'),
      size: source.size,
      position,
      read: () => readWhole(source, most),
    })),
  };
}

async function readWhole(source: Source, most: number): Promise<Uint8Array> {
  const file = printable(source.name);
  if (source.size > most)
    throw new DataError(
      file,
      `${source.size.toLocaleString('en')} bytes are too many for one picture of this data set.`,
    );
  const bytes = new Uint8Array(source.size);
  let at = 0;
  for await (const chunk of chunksOfSource(source)) {
    if (at + chunk.length > bytes.length) break;
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes.length) throw new DataError(file, 'it changed while it was read. Choose it again.');
  return bytes;
}
