/**
 * A flat folder of files, the part of a file system that the stores need. In the browser it is in the origin's private file system
 * (opfsFolder.ts); where that is missing, and in tests, in memory.
 */

/** Not enough space for a file; existing files are unchanged. */
export class NoSpaceError extends Error {
  override readonly name = 'NoSpaceError';
}

export interface ByteFolder {
  /** False: everything is lost when the worker ends. */
  readonly lasting: boolean;
  names(): Promise<string[]>;
  /** Free space in bytes; null where it is unknown. */
  freeBytes(): Promise<number | null>;
  /** null where there is no such file. */
  size(name: string): Promise<number | null>;
  /** `length` bytes from `start`, or the whole file. Throws where the file is missing or shorter. */
  read(name: string, start?: number, length?: number): Promise<Uint8Array>;
  /** Writes all pieces as one file, replacing an existing one; on disk once it resolves. Throws NoSpaceError. */
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>;
  remove(name: string): Promise<void>;
}

export class MemoryFolder implements ByteFolder {
  readonly lasting = false;
  private readonly files = new Map<string, Uint8Array>();

  names(): Promise<string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  freeBytes(): Promise<number | null> {
    return Promise.resolve(null);
  }

  size(name: string): Promise<number | null> {
    return Promise.resolve(this.files.get(name)?.length ?? null);
  }

  read(name: string, start = 0, length?: number): Promise<Uint8Array> {
    const file = this.files.get(name);
    const end = length === undefined ? file?.length : start + length;
    if (file === undefined || end === undefined || end > file.length) {
      return Promise.reject(new RangeError(`${name} does not reach byte ${end ?? 0}.`));
    }
    return Promise.resolve(file.slice(start, end));
  }

  write(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.files.set(name, joined);
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }
}
