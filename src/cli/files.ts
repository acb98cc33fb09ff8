/** Files on disk: atomic writes, folders, and the system's errors as sentences. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Error code → what it means and what to do. */
const SENTENCES: Record<string, string> = {
  ENOENT: 'there is no such file or folder. Check the path',
  EACCES: 'permission denied. Choose a place that you may read and write',
  EPERM: 'permission denied. Choose a place that you may read and write',
  EROFS: 'this disk can only be read. Choose a place on another one',
  ENOTDIR: 'a part of this path is a file, not a folder. Choose another path',
  EISDIR: 'this is a folder, not a file. Choose another path',
  EEXIST: 'there is a file of this name. Choose another path',
  ENAMETOOLONG: 'the name is too long. Choose a shorter one',
  ENOSPC: 'no space is left on the disk. Free some and give the same command again',
  EDQUOT: 'no space is left in the disk quota. Free some and give the same command again',
  EFBIG: 'no space is left for a file of this size. Free some and give the same command again',
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? '';

/** One sentence for a file system error, null for any other error. `path` is used if the error has none. */
export function fileSentence(error: unknown, path?: string): string | null {
  const sentence = SENTENCES[codeOf(error)];
  if (sentence === undefined) return null;
  const where = (error as NodeJS.ErrnoException).path ?? path;
  return `${where === undefined ? '' : `${where.replace(/\.part$/, '')}: `}${sentence}.`;
}

/**
 * Creates a folder and its parents. (Node's `recursive` option never returns where nothing can be created, such as in /proc.)
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const above = dirname(path);
    if (codeOf(error) !== 'ENOENT' || above === path) throw error;
    await makeFolder(above);
    await mkdir(path);
  }
}

/**
 * Writes to a temporary file and renames it, so that a crash or a full disk leaves the old file intact.
 * @param writer tells the temporary files of several processes apart, where they may write the same file
 */
export async function writeWhole(path: string, content: string | Uint8Array, writer = ''): Promise<void> {
  const beside = `${path}${writer === '' ? '' : `.${writer}`}.part`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    if (error instanceof Error && (error as NodeJS.ErrnoException).path === undefined) Object.assign(error, { path });
    throw error;
  }
}
