/** Undo and redo of the experiment being edited, the saved mark, and the undo that a notification offers. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import { editExperiment, editMethod, isDirty, methodOf, useExperiment } from './experiment.ts';

const state = () => useExperiment.getState();

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(0);
  state().open(presetOf('snl-quick'));
  useExperiment.setState({ past: [], future: [] });
});

describe('the experiment being edited', () => {
  it('never changes an experiment in place', () => {
    const before = state().experiment;
    const copy = structuredClone(before);
    editExperiment((draft) => void (draft.network.widths[0] = 99));
    expect(before).toEqual(copy);
    expect(state().experiment.network.widths[0]).toBe(99);
  });

  it('undoes and redoes edits one by one', () => {
    editExperiment((draft) => void (draft.seed = 2));
    editExperiment((draft) => void (draft.seed = 3));
    state().undo();
    expect(state().experiment.seed).toBe(2);
    state().undo();
    expect(state().experiment.seed).toBe(1);
    state().undo();
    expect(state().experiment.seed).toBe(1);
    state().redo();
    state().redo();
    expect(state().experiment.seed).toBe(3);
  });

  it('drops the redo steps after another edit', () => {
    editExperiment((draft) => void (draft.seed = 2));
    state().undo();
    editExperiment((draft) => void (draft.seed = 5));
    state().redo();
    expect(state().experiment.seed).toBe(5);
  });

  it('undoes a slider drag in one step and edits of two fields in two', () => {
    for (const width of [9, 10, 11, 12]) {
      vi.advanceTimersByTime(100);
      editExperiment((draft) => void (draft.network.widths[0] = width), 'width 0');
    }
    editExperiment((draft) => void (draft.seed = 7), 'seed');
    state().undo();
    expect(state().experiment.network.widths[0]).toBe(12);
    state().undo();
    expect(state().experiment.network.widths[0]).toBe(8);
  });

  it('keeps slow edits of one field as separate steps', () => {
    editExperiment((draft) => void (draft.seed = 2), 'seed');
    vi.advanceTimersByTime(5000);
    editExperiment((draft) => void (draft.seed = 3), 'seed');
    state().undo();
    expect(state().experiment.seed).toBe(2);
  });

  it('is unsaved only while it differs from the saved value', () => {
    expect(isDirty(state())).toBe(false);
    editExperiment((draft) => void (draft.seed = 2));
    expect(isDirty(state())).toBe(true);
    editExperiment((draft) => void (draft.seed = 1));
    expect(isDirty(state())).toBe(false);
  });

  it('changes only a method that the experiment uses', () => {
    editMethod('snl', (draft) => void (draft.kappa = 2));
    expect(methodOf(state().experiment, 'snl')?.kappa).toBe(2);
    editMethod('deepshare', (draft) => void (draft.affine = false));
    expect(methodOf(state().experiment, 'deepshare')).toBeUndefined();
  });

  it('restores the saved value when an opened experiment is undone, and again when redone', () => {
    const first = state().experiment;
    state().open(presetOf('dense-quick'));
    expect(isDirty(state())).toBe(false);
    state().undo();
    expect(state()).toMatchObject({ experiment: first, saved: first });
    expect(isDirty(state())).toBe(false);
    state().redo();
    expect(state().saved).toEqual(presetOf('dense-quick'));
    expect(isDirty(state())).toBe(false);
  });

  it('stays unsaved when an edit is undone past a save', () => {
    editExperiment((draft) => void (draft.seed = 2));
    state().markSaved();
    state().undo();
    expect(isDirty(state())).toBe(true);
    state().redo();
    expect(isDirty(state())).toBe(false);
  });
});

describe('the undo of one change', () => {
  it('undoes the opening of an experiment although a field was edited since', () => {
    const first = state().experiment;
    const undo = state().open(presetOf('dense-quick'));
    editExperiment((draft) => void (draft.seed = 5));
    undo();
    expect(state()).toMatchObject({ experiment: first, saved: first });
    // The edit is not lost: undoing once more returns to it.
    state().undo();
    expect(state().experiment).toMatchObject({ name: 'Dense quick', seed: 5 });
    expect(state().saved).toEqual(presetOf('dense-quick'));
  });

  it('keeps later edits of other fields', () => {
    const undo = editExperiment((draft) => void (draft.network.classes = 100));
    editExperiment((draft) => void (draft.seed = 5));
    undo();
    expect(state().experiment).toMatchObject({ seed: 5, network: { classes: 10 } });
  });

  it('does nothing once the change is undone by other means', () => {
    const undo = state().open(presetOf('dense-quick'));
    state().undo();
    editExperiment((draft) => void (draft.seed = 5));
    undo();
    expect(state().experiment).toMatchObject({ name: 'SNL quick', seed: 5 });
  });

  it('is an ordinary undo for the last change, so that redo brings it back', () => {
    const undo = state().open(presetOf('dense-quick'));
    undo();
    state().redo();
    expect(state().experiment.name).toBe('Dense quick');
  });
});
