/**
 * A queue of runs that belong together (the criticality of stages), trained one after the other. The entries and their runs are
 * kept in this browser, the runs themselves in the run library, so a reload loses no more than for a single run. After a reload the
 * queue does not continue until the user says so.
 */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { z } from 'zod';
import { experimentSchema } from '../../domain/experiment.ts';

const entrySchema = z.object({
  /** The stage that keeps its ReLUs; identifies the entry. */
  stage: z.int().min(1),
  experiment: experimentSchema,
  /** Its run; null: not started. */
  run: z.string().nullable(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
  /** Why it failed. */
  message: z.string().nullable(),
});
export type QueueEntry = z.infer<typeof entrySchema>;

export interface QueueState {
  entries: QueueEntry[];
  /** The next entry is started as soon as no run is active. */
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
