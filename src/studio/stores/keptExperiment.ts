/** Keeps the experiment being edited in this browser, so that a reload restores it. A stored value that the schema refuses is ignored. */
import type { StoreApi } from 'zustand';
import { experimentSchema } from '../../domain/experiment.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { presetOf } from '../../domain/presets.ts';

const KEY = 'relu-studio/experiment';
/** Milliseconds without an edit before the experiment is written. */
const WRITE_DELAY = 400;

export interface Kept {
  experiment: Experiment;
  /** The value last saved to a file or opened. */
  saved: Experiment;
}

export interface Restored extends Kept {
  /** Nothing was stored: this is the default preset. */
  isDefault: boolean;
}

export const DEFAULT_PRESET = 'snl-quick';

export function readKept(): Restored {
  const fallback = presetOf(DEFAULT_PRESET);
  const nothingStored: Restored = { experiment: fallback, saved: fallback, isDefault: true };
  try {
    const stored = JSON.parse(globalThis.localStorage.getItem(KEY) ?? 'null') as {
      experiment?: unknown;
      saved?: unknown;
    } | null;
    const experiment = experimentSchema.safeParse(stored?.experiment);
    if (!experiment.success) return nothingStored;
    const saved = experimentSchema.safeParse(stored?.saved);
    return { experiment: experiment.data, saved: saved.success ? saved.data : experiment.data, isDefault: false };
  } catch {
    return nothingStored;
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
        // Without storage, a reload starts with the default preset.
      }
    }, WRITE_DELAY);
  });
}
