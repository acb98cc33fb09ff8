/** Files in the origin's private file system, on a fake whose writes may be cut short or find the disk full. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoSpaceError } from './byteFolder.ts';
import { OpfsFolder } from './opfsFolder.ts';

const notFound = () => new DOMException('It is not there.', 'NotFoundError');

/** What the browser grants: bytes that fit in all files together, and bytes that one write takes at most. */
interface Disk {
  room: number;
  perWrite: number;
}

function fakeRoot(disk: Disk) {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const open = new Set<string>();
  const largestWrite = { bytes: 0 };
  const fileHandle = (name: string) => ({
    getFile: () => Promise.resolve(new File([files.get(name)!], name)),
    createSyncAccessHandle: () => {
      open.add(name);
      return Promise.resolve({
        truncate: (size: number) => files.set(name, files.get(name)!.slice(0, size)),
        write: (bytes: Uint8Array, { at }: { at: number }) => {
          largestWrite.bytes = Math.max(largestWrite.bytes, bytes.length);
          const taken = bytes.subarray(0, Math.max(0, Math.min(disk.perWrite, disk.room - at)));
          const old = files.get(name)!;
          const grown = new Uint8Array(Math.max(old.length, at + taken.length));
          grown.set(old);
          grown.set(taken, at);
          files.set(name, grown);
          return taken.length;
        },
        flush: () => {},
        close: () => open.delete(name),
      });
    },
  });
  const root = {
    getDirectoryHandle: () => Promise.resolve(root),
    getFileHandle: (name: string, { create = false } = {}) => {
      if (!files.has(name)) {
        if (!create) return Promise.reject(notFound());
        files.set(name, new Uint8Array(0));
      }
      return Promise.resolve(fileHandle(name));
    },
    removeEntry: (name: string) => (files.delete(name) ? Promise.resolve() : Promise.reject(notFound())),
    async *keys() {
      await Promise.resolve();
      yield* files.keys();
    },
  };
  return { root, open, largestWrite };
}

const MIB = 1 << 20;
const pattern = (length: number, step: number) => Uint8Array.from({ length }, (_, i) => (i * step + (i >> 8)) & 255);

describe('a folder in the private file system', () => {
  const disk: Disk = { room: Infinity, perWrite: Infinity };
  let fake: ReturnType<typeof fakeRoot>;
  let folder: OpfsFolder;

  beforeEach(async () => {
    Object.assign(disk, { room: Infinity, perWrite: Infinity });
    fake = fakeRoot(disk);
    vi.stubGlobal('navigator', { storage: { getDirectory: () => Promise.resolve(fake.root) } });
    folder = await OpfsFolder.open('data', 'shards');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('reads back what was written, whole and in parts, over what was there before', async () => {
    await folder.write('a', [pattern(500, 3)]);
    const pieces = [pattern(9 * MIB + 5, 7), new Uint8Array(0), pattern(11, 5)];
    await folder.write('a', pieces);
    const whole = Buffer.concat(pieces);
    expect(await folder.size('a')).toBe(whole.length);
    expect(Buffer.compare(await folder.read('a'), whole)).toBe(0);
    expect([...(await folder.read('a', 4 * MIB - 2, 5))]).toEqual([...whole.subarray(4 * MIB - 2, 4 * MIB + 3)]);
    await folder.write('a', [pattern(3, 1)]);
    expect([...(await folder.read('a'))]).toEqual([0, 1, 2]);
    await folder.write('a', []);
    expect(await folder.size('a')).toBe(0);
    expect(fake.open.size).toBe(0);
  });

  it('hands over at most 4 MiB at a time, so that a large shard does not double in memory', async () => {
    await folder.write('a', [pattern(9 * MIB, 7)]);
    expect(fake.largestWrite.bytes).toBe(4 * MIB);
  });

  it('continues after a partial write', async () => {
    disk.perWrite = 1000;
    const bytes = pattern(12_345, 11);
    await folder.write('a', [bytes.subarray(0, 7000), bytes.subarray(7000)]);
    expect(Buffer.compare(await folder.read('a'), bytes)).toBe(0);
  });

  it('says how much was wanted where the disk is full, and leaves no half file', async () => {
    disk.room = 5 * MIB;
    const writing = folder.write('a', [pattern(4 * MIB, 3), pattern(2 * MIB, 3)]);
    await expect(writing).rejects.toThrow(new NoSpaceError(String(6 * MIB)));
    expect(await folder.names()).toEqual([]);
    expect(await folder.size('a')).toBeNull();
    expect(fake.open.size).toBe(0);
  });

  it('refuses to read beyond the end, and removes what is not there in silence', async () => {
    await folder.write('a', [pattern(10, 1)]);
    await expect(folder.read('a', 4, 7)).rejects.toThrow('a does not reach byte 11.');
    await expect(folder.read('b')).rejects.toThrow('b does not reach byte 0.');
    await folder.remove('b');
    await folder.remove('a');
    expect(await folder.names()).toEqual([]);
  });
});
