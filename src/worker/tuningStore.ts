/**
 * Tuned tiles in the private file system, one small file for all devices. Where that is missing they live as long as the worker.
 */
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

/** The next run measures again. */
export async function forgetTuning(): Promise<void> {
  await (await folder()).remove(FILE);
}
