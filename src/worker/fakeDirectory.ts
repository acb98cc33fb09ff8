/** A private file system in memory for tests of the run store; writes take effect when they are closed, as in browsers. */

const missing = (name: string) => new DOMException(`${name} is not there.`, 'NotFoundError');

class FakeFile {
  bytes = new Uint8Array(0);
  constructor(
    readonly name: string,
    private readonly room: { left: number },
  ) {}

  getFile(): Promise<File> {
    return Promise.resolve(new File([this.bytes], this.name));
  }

  createWritable() {
    const pieces: Uint8Array[] = [];
    return Promise.resolve({
      write: (content: string | Uint8Array) => {
        pieces.push(typeof content === 'string' ? new TextEncoder().encode(content) : content.slice());
        const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
        return size > this.room.left
          ? Promise.reject(new DOMException('full', 'QuotaExceededError'))
          : Promise.resolve();
      },
      close: async () => {
        this.bytes = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
      },
      abort: () => Promise.resolve(),
    });
  }
}

class FakeDirectory {
  readonly entries = new Map<string, FakeFile | FakeDirectory>();
  constructor(readonly room = { left: Infinity }) {}

  private get<T>(
    name: string,
    kind: new (...given: never[]) => T,
    make: (() => T & (FakeFile | FakeDirectory)) | null,
  ): Promise<T> {
    const found = this.entries.get(name);
    if (found instanceof kind) return Promise.resolve(found);
    if (!make) return Promise.reject(missing(name));
    const made = make();
    this.entries.set(name, made);
    return Promise.resolve(made);
  }

  getDirectoryHandle(name: string, { create = false } = {}): Promise<FakeDirectory> {
    return this.get(name, FakeDirectory, create ? () => new FakeDirectory(this.room) : null);
  }

  getFileHandle(name: string, { create = false } = {}): Promise<FakeFile> {
    return this.get(name, FakeFile, create ? () => new FakeFile(name, this.room) : null);
  }

  removeEntry(name: string): Promise<void> {
    return this.entries.delete(name) ? Promise.resolve() : Promise.reject(missing(name));
  }

  async *keys(): AsyncGenerator<string> {
    await Promise.resolve();
    yield* this.entries.keys();
  }
}

/** `room.left`: the largest size of a file in bytes. */
export function fakeDirectory(): { handle: FileSystemDirectoryHandle; room: { left: number } } {
  const directory = new FakeDirectory();
  return { handle: directory as unknown as FileSystemDirectoryHandle, room: directory.room };
}
