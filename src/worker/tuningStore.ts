/** Kernel tuning in the private file system, one file for all devices; without that, it is kept as long as the worker runs. */
import type { TuningStore } from '../engine/api.ts';
import { MemoryFolder, type ByteFolder } from './byteFolder.ts';
import { OpfsFolder } from './opfsFolder.ts';

const FILE = 'tuning.json';

let opened: Promise<ByteFolder> | null = null;
const folder = (): Promise<ByteFolder> => (opened ??= OpfsFolder.open('tuning').catch(() => new MemoryFolder()));

export const tuningStore: TuningStore = {
  async read() {
    const files = await folder();
    return (await files.size(FILE)) === null ? null : new TextDecoder().decode(await files.read(FILE));
  },
  async write(text) {
    await (await folder()).write(FILE, [new TextEncoder().encode(text)]);
  },
};

/** Deletes the tuning: the next run measures again. */
export async function resetTuning(): Promise<void> {
  await (await folder()).remove(FILE);
}
