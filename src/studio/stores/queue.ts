/**
 * A short queue of runs that belong together (the criticality of stages): one after the other through the same worker as any run.
 * What is waiting and which run each entry became is remembered in this browser; the runs themselves are in the run library, so a
 * reload loses nothing that a single run would not lose. Whether the queue is going is not remembered: the user takes it up again.
 */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { z } from 'zod';
import { experimentSchema } from '../../domain/experiment.ts';

const entrySchema = z.object({
  /** The stage whose ReLUs stay; also the entry's name. */
  stage: z.int().min(1),
  experiment: experimentSchema,
  /** The run it became; null: not begun. */
  run: z.string().nullable(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
  /** Why it failed. */
  message: z.string().nullable(),
});
export type QueueEntry = z.infer<typeof entrySchema>;

export interface QueueState {
  entries: QueueEntry[];
  /** Starts the next entry as soon as nothing is running. */
  going: boolean;
  put(entries: QueueEntry[]): void;
  change(stage: number, change: Partial<QueueEntry>): void;
  go(going: boolean): void;
}

export const useQueue = create<QueueState>()(
  persist(
    (set) => ({
      entries: [],
      going: false,
      put: (entries) => set({ entries }),
      change: (stage, change) =>
        set(({ entries }) => ({
          entries: entries.map((entry) => (entry.stage === stage ? { ...entry, ...change } : entry)),
        })),
      go: (going) => set({ going }),
    }),
    {
      name: 'relu-studio/queue',
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: ({ entries }) => ({ entries }),
      merge: (stored, fresh) => {
        const kept = z.array(entrySchema).safeParse((stored as { entries?: unknown } | undefined)?.entries);
        return kept.success ? { ...fresh, entries: kept.data } : fresh;
      },
    },
  ),
);
