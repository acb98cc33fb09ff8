/**
 * A folder in the origin's private file system. Writing uses createSyncAccessHandle, which only workers have, which
 * needs no second copy on disk, and which every browser with WebGPU supports.
 */
import { NoSpaceError } from './byteFolder.ts';
import type { ByteFolder } from './byteFolder.ts';

const isNotFound = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotFoundError';

/** Bytes per write call, so that a large shard is not copied in memory as a whole. */
const PIECE = 4 << 20;

export class OpfsFolder implements ByteFolder {
  readonly lasting = true;

  private constructor(private readonly handle: FileSystemDirectoryHandle) {}

  /** Opens (makes) a folder by its path below the origin's root. Throws where the browser has no private file system. */
  static async open(...path: string[]): Promise<OpfsFolder> {
    let handle = await navigator.storage.getDirectory();
    for (const part of path) handle = await handle.getDirectoryHandle(part, { create: true });
    return new OpfsFolder(handle);
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of this.handle.keys()) names.push(name);
    return names;
  }

  async freeBytes(): Promise<number | null> {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
  }

  private async file(name: string): Promise<File | null> {
    try {
      return await (await this.handle.getFileHandle(name)).getFile();
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async size(name: string): Promise<number | null> {
    return (await this.file(name))?.size ?? null;
  }

  async read(name: string, start = 0, length?: number): Promise<Uint8Array> {
    const file = await this.file(name);
    const end = length === undefined ? file?.size : start + length;
    if (file === null || end === undefined || end > file.size)
      throw new RangeError(`${name} does not reach byte ${end ?? 0}.`);
    return new Uint8Array(await file.slice(start, end).arrayBuffer());
  }

  async write(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const access = await (await this.handle.getFileHandle(name, { create: true })).createSyncAccessHandle();
    let written = 0;
    try {
      access.truncate(0);
      for (const piece of pieces) {
        for (let at = 0; at < piece.length;) {
          const part = piece.subarray(at, at + PIECE);
          const count = access.write(part as Uint8Array<ArrayBuffer>, { at: written });
          // Some browsers write less instead of throwing when the disk is full.
          if (count === 0) throw new DOMException('nothing was written', 'QuotaExceededError');
          written += count;
          at += count;
        }
      }
      access.flush();
    } catch (error) {
      access.close();
      await this.remove(name);
      if (error instanceof DOMException && error.name === 'QuotaExceededError') throw new NoSpaceError(String(total));
      throw error;
    }
    access.close();
  }

  async remove(name: string): Promise<void> {
    try {
      await this.handle.removeEntry(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
