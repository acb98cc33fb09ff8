/**
 * Kernel tuning results of the command line, in a file in the user's cache folder. If it is lost, kernels are tuned again; a failed
 * write is ignored.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TuningStore } from '../engine/api.ts';

const path = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'relu-studio', 'tuning.json');

export const tuningFile: TuningStore = {
  read: () => readFile(path(), 'utf8').catch(() => null),
  write: async (text) => {
    try {
      await mkdir(dirname(path()), { recursive: true });
      await writeFile(path(), text);
    } catch {
      // A read-only home folder: the next run tunes again.
    }
  },
};
