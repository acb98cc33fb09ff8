/** Keeps the experiment being edited in this browser, so that a reload finds it as it was. What does not pass the schema is forgotten. */
import type { StoreApi } from 'zustand';
import { experimentSchema } from '../../domain/experiment.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { presetOf } from '../../domain/presets.ts';

const KEY = 'relu-studio/experiment';
/** Milliseconds of rest before an edit is written. */
const REST = 400;

export interface Kept {
  experiment: Experiment;
  /** The value last saved to a file or opened. */
  saved: Experiment;
}

export function readKept(): Kept {
  const first = presetOf('snl-quick');
  try {
    const stored = JSON.parse(globalThis.localStorage.getItem(KEY) ?? 'null') as {
      experiment?: unknown;
      saved?: unknown;
    } | null;
    const experiment = experimentSchema.safeParse(stored?.experiment);
    if (!experiment.success) return { experiment: first, saved: first };
    const saved = experimentSchema.safeParse(stored?.saved);
    return { experiment: experiment.data, saved: saved.success ? saved.data : experiment.data };
  } catch {
    return { experiment: first, saved: first };
  }
}

export function keepExperiment(store: Pick<StoreApi<Kept>, 'subscribe' | 'getState'>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.subscribe((now, before) => {
    if (now.experiment === before.experiment && now.saved === before.saved) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { experiment, saved } = store.getState();
      try {
        localStorage.setItem(KEY, JSON.stringify({ experiment, saved }));
      } catch {
        // A full or forbidden storage costs only the memory across a reload.
      }
    }, REST);
  });
}
