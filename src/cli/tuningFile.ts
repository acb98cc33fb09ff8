/**
 * Tuned tiles of the command line: a file in the user's cache folder. Losing it costs one more tuning; failing to write it costs no run.
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
      // A read-only home: the next run measures again.
    }
  },
};
