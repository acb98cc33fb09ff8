/**
 * The experiment being edited: one value (domain/experiment) with its undo history and the value last saved. Values are never
 * changed in place: a draft is cloned, edited and stored in place of the old value.
 *
 *   useExperiment((s) => s.experiment.network)              read a part
 *   editExperiment((draft) => { draft.seed = 2; }, 'seed')  change it; quick edits of one field become one undo step
 *
 * Every change returns a function that undoes that change, whatever was edited after it. Notifications offer it, so that their
 * Undo button never undoes something else.
 */
import { create } from 'zustand';
import type { Experiment } from '../../domain/experiment.ts';
import { methodNamed, type MethodName, type MethodNamed } from '../../domain/methods/registry.ts';
import { keepExperiment, readKept } from './keptExperiment.ts';
import { revert } from './revert.ts';

/** Undo steps kept. */
const DEPTH = 100;
/** Edits of the same field closer together than this become one undo step, in milliseconds. */
const TOGETHER = 1000;

/** Undoes one change; does nothing where that change is already undone. */
export type UndoChange = () => void;

/** A state that undo or redo returns to. `saved`: the saved value to restore as well, where the change replaced it. */
export interface HistoryStep {
  experiment: Experiment;
  saved?: Experiment;
}

export interface ExperimentState {
  experiment: Experiment;
  past: HistoryStep[];
  future: HistoryStep[];
  /** The value last saved, opened or chosen as a preset. */
  saved: Experiment;
  /** Applies `change` to a copy. `field` joins quick edits of one field into one undo step. */
  update(change: (draft: Experiment) => void, field?: string): UndoChange;
  /** Replaces the whole experiment. */
  set(experiment: Experiment): UndoChange;
  /** Replaces it and takes it as saved: opened from a file, an address or a preset. */
  open(experiment: Experiment): UndoChange;
  markSaved(): void;
  undo(): void;
  redo(): void;
}

/** The experiment last edited in this browser, else the default preset. */
const kept = readKept();
/** The default preset where the page opened with it, else null. */
export const openedDefault = kept.isDefault ? kept.experiment : null;

/** `after`, with every part that equals its counterpart in `before` taken from `before`, so that readers of that part see no change. */
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

const nothing: UndoChange = () => {};
let lastEdit = { field: '', at: 0 };

export const useExperiment = create<ExperimentState>((set, get) => {
  /** Stores `experiment`; `step`: what undo returns to, null where the change joins the step before it. */
  const replace = (experiment: Experiment, step: HistoryStep | null) =>
    set(({ past }) => ({ experiment, past: step ? [...past.slice(1 - DEPTH), step] : past, future: [] }));

  /** The undo of a change that is held by `step`: the last one is undone as Ctrl+Z does, an earlier one by `restored`. */
  const undoOf =
    (step: HistoryStep, after: Experiment, restored: () => HistoryStep): UndoChange =>
    () => {
      const { past, experiment, saved } = get();
      if (!past.includes(step)) return;
      lastEdit = { field: '', at: 0 };
      if (past.at(-1) === step && experiment === after) {
        get().undo();
        return;
      }
      const back = restored();
      replace(back.experiment, { experiment, ...(back.saved && { saved }) });
      if (back.saved) set({ saved: back.saved });
    };

  const replaceWhole = (experiment: Experiment, saved: Experiment | undefined): UndoChange => {
    lastEdit = { field: '', at: 0 };
    const step: HistoryStep = { experiment: get().experiment, ...(saved && { saved }) };
    replace(experiment, step);
    return undoOf(step, experiment, () => step);
  };

  return {
    experiment: kept.experiment,
    past: [],
    future: [],
    saved: kept.saved,
    update(change, field = '') {
      const before = get().experiment;
      const draft = structuredClone(before);
      change(draft);
      const after = sharing(before, draft);
      if (after === before) return nothing;
      const now = Date.now();
      const joins = field !== '' && field === lastEdit.field && now - lastEdit.at < TOGETHER;
      lastEdit = { field, at: now };
      replace(after, joins ? null : { experiment: before });
      const step = get().past.at(-1);
      if (!step) return nothing;
      return undoOf(step, after, () => ({
        experiment: sharing(get().experiment, revert(before, after, get().experiment)),
      }));
    },
    set: (experiment) => replaceWhole(experiment, undefined),
    open(experiment) {
      const undo = replaceWhole(experiment, get().saved);
      set({ saved: experiment });
      return undo;
    },
    markSaved: () => set({ saved: get().experiment }),
    undo() {
      const { past, experiment, future, saved } = get();
      const before = past.at(-1);
      if (!before) return;
      lastEdit = { field: '', at: 0 };
      set({
        experiment: before.experiment,
        past: past.slice(0, -1),
        future: [{ experiment, ...(before.saved && { saved }) }, ...future],
        ...(before.saved && { saved: before.saved }),
      });
    },
    redo() {
      const { past, experiment, future, saved } = get();
      const after = future[0];
      if (!after) return;
      set({
        experiment: after.experiment,
        past: [...past, { experiment, ...(after.saved && { saved }) }],
        future: future.slice(1),
        ...(after.saved && { saved: after.saved }),
      });
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

/** Changes the settings of a method; does nothing where the experiment does not use it. */
export function editMethod<N extends MethodName>(
  name: N,
  change: (draft: MethodNamed<N>) => void,
  field?: string,
): UndoChange {
  return editExperiment(
    (draft) => {
      const method = methodOf(draft, name);
      if (method) change(method);
    },
    field ? `${name}.${field}` : undefined,
  );
}
