/**
 * The experiment being edited: one value (domain/experiment), with its past and future, and whether it differs from what was
 * last saved. Values are never changed in place: a draft is cloned, edited and put in the old one's stead.
 *
 *   useExperiment((s) => s.experiment.network)              read a part
 *   editExperiment((draft) => { draft.seed = 2; }, 'seed')  change it; edits of one field in quick succession undo together
 */
import { create } from 'zustand';
import type { Experiment } from '../../domain/experiment.ts';
import { methodNamed, type MethodName, type MethodNamed } from '../../domain/methods/registry.ts';
import { keepExperiment, readKept } from './keptExperiment.ts';

/** Undo steps kept. */
const DEPTH = 100;
/** Edits of the same field closer together than this become one undo step, in milliseconds. */
const TOGETHER = 1000;

export interface ExperimentState {
  experiment: Experiment;
  past: Experiment[];
  future: Experiment[];
  /** The value last saved, opened or chosen as a preset. */
  saved: Experiment;
  /** Applies `change` to a copy. `field` joins quick edits of one field into one undo step. */
  update(change: (draft: Experiment) => void, field?: string): void;
  /** Replaces the whole experiment; can be undone. */
  set(experiment: Experiment): void;
  /** Replaces it and takes it as saved: opened from a file, an address or a preset. Can be undone. */
  open(experiment: Experiment): void;
  markSaved(): void;
  undo(): void;
  redo(): void;
}

/** What the page opens on: what was being edited in this browser, else the quick preset. */
const kept = readKept();

/** `after` with every part that equals the one in `before` taken from there, so that who reads only that part sees no change. */
export function sharing<T>(before: T, after: T): T {
  if (Object.is(before, after) || typeof before !== 'object' || typeof after !== 'object' || !before || !after)
    return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  const [old, fresh] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = Object.keys(fresh);
  let same = keys.length === Object.keys(old).length;
  for (const key of keys) {
    fresh[key] = sharing(old[key], fresh[key]);
    same &&= key in old && Object.is(old[key], fresh[key]);
  }
  return same ? before : after;
}

let lastEdit = { field: '', at: 0 };

export const useExperiment = create<ExperimentState>((set, get) => {
  const replace = (experiment: Experiment, joins = false) => {
    const { past, experiment: before } = get();
    set({ experiment, past: joins ? past : [...past.slice(1 - DEPTH), before], future: [] });
  };
  return {
    experiment: kept.experiment,
    past: [],
    future: [],
    saved: kept.saved,
    update(change, field = '') {
      const draft = structuredClone(get().experiment);
      change(draft);
      const before = get().experiment;
      const next = sharing(before, draft);
      if (next === before) return;
      const now = Date.now();
      const joins = field !== '' && field === lastEdit.field && now - lastEdit.at < TOGETHER;
      lastEdit = { field, at: now };
      replace(next, joins);
    },
    set: (experiment) => {
      lastEdit = { field: '', at: 0 };
      replace(experiment);
    },
    open: (experiment) => {
      lastEdit = { field: '', at: 0 };
      replace(experiment);
      set({ saved: experiment });
    },
    markSaved: () => set({ saved: get().experiment }),
    undo() {
      const { past, experiment, future } = get();
      const before = past.at(-1);
      if (!before) return;
      lastEdit = { field: '', at: 0 };
      set({ experiment: before, past: past.slice(0, -1), future: [experiment, ...future] });
    },
    redo() {
      const { past, experiment, future } = get();
      const after = future[0];
      if (!after) return;
      set({ experiment: after, past: [...past, experiment], future: future.slice(1) });
    },
  };
});

keepExperiment(useExperiment);

export const editExperiment: ExperimentState['update'] = (change, field) =>
  useExperiment.getState().update(change, field);

/** Unsaved edits? Compared as JSON: two experiments are equal when their files would be. */
export const isDirty = ({ experiment, saved }: Pick<ExperimentState, 'experiment' | 'saved'>): boolean =>
  experiment !== saved && JSON.stringify(experiment) !== JSON.stringify(saved);

/** The settings of one method, or undefined where the experiment does not use it. */
export const methodOf = methodNamed;

/** Changes the settings of a method that the experiment has; does nothing where it has it not. */
export function editMethod<N extends MethodName>(
  name: N,
  change: (draft: MethodNamed<N>) => void,
  field?: string,
): void {
  editExperiment(
    (draft) => {
      const method = methodOf(draft, name);
      if (method) change(method);
    },
    field ? `${name}.${field}` : undefined,
  );
}
