import { beforeEach, describe, expect, it, vi } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import { editExperiment, editMethod, isDirty, methodOf, useExperiment } from './experiment.ts';

const state = () => useExperiment.getState();

describe('the experiment being edited', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(0);
    useExperiment.setState({ past: [], future: [] });
    state().open(presetOf('snl-quick'));
    useExperiment.setState({ past: [], future: [] });
  });

  it('never changes the value that others hold', () => {
    const before = state().experiment;
    const copy = structuredClone(before);
    editExperiment((draft) => void (draft.network.widths[0] = 99));
    expect(before).toEqual(copy);
    expect(state().experiment.network.widths[0]).toBe(99);
  });

  it('takes back and brings again', () => {
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

  it('forgets what could be redone once something else is edited', () => {
    editExperiment((draft) => void (draft.seed = 2));
    state().undo();
    editExperiment((draft) => void (draft.seed = 5));
    state().redo();
    expect(state().experiment.seed).toBe(5);
  });

  it('undoes a drag of one slider in one step, and edits of two fields in two', () => {
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

  it('takes slow edits of one field as edits of their own', () => {
    editExperiment((draft) => void (draft.seed = 2), 'seed');
    vi.advanceTimersByTime(5000);
    editExperiment((draft) => void (draft.seed = 3), 'seed');
    state().undo();
    expect(state().experiment.seed).toBe(2);
  });

  it('is dirty while it differs from what was saved, not merely because it was edited', () => {
    expect(isDirty(state())).toBe(false);
    editExperiment((draft) => void (draft.seed = 2));
    expect(isDirty(state())).toBe(true);
    editExperiment((draft) => void (draft.seed = 1));
    expect(isDirty(state())).toBe(false);
  });

  it('changes only a method that is there', () => {
    editMethod('snl', (draft) => void (draft.kappa = 2));
    expect(methodOf(state().experiment, 'snl')?.kappa).toBe(2);
    editMethod('deepshare', (draft) => void (draft.affine = false));
    expect(methodOf(state().experiment, 'deepshare')).toBeUndefined();
  });
});
