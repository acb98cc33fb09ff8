/** Which epoch of a phase is kept. */
import { describe, expect, it } from 'vitest';
import type { TensorMap } from '../engine/api.ts';
import { keptEpoch, selectionOf, withBest, type SelectedBy } from './selection.ts';
import { freshState, freshTensors, type Checkpoint } from './state.ts';
import { tinyExperiment } from './testing.ts';

const experiment = tinyExperiment([]);
const some = { validation: 10, test: 20 };

describe('selectionOf', () => {
  it.each<[string, SelectedBy, boolean, { validation: number; test: number }, SelectedBy]>([
    ['the experiment’s way', 'validation', true, some, 'validation'],
    ['the test split under the paper protocol', 'paper', true, some, 'paper'],
    ['the last epoch where the experiment says so', 'last', true, some, 'last'],
    ['the last epoch where there is no validation split', 'validation', true, { ...some, validation: 0 }, 'last'],
    ['the last epoch where there are no test images', 'paper', true, { ...some, test: 0 }, 'last'],
    ['validation without test images', 'validation', true, { ...some, test: 0 }, 'validation'],
    ['the test split without validation images', 'paper', true, { ...some, validation: 0 }, 'paper'],
    ['the last epoch where the phase does not select', 'validation', false, some, 'last'],
  ])('is %s', (_, selection, selects, images, expected) => {
    expect(selectionOf(selection, selects, images)).toBe(expected);
  });
});

type Measured = [accuracy: number, loss: number];
const weights = (epoch: number): TensorMap => new Map([['fc.bias', { shape: [1], data: Float32Array.of(epoch) }]]);

/** A phase whose epochs have these validation and test results. */
function phaseOf(by: SelectedBy, validation: Measured[], test: Measured[] = validation): Checkpoint {
  const evaluation = ([accuracy, loss]: Measured) => ({ images: 10, accuracy, loss });
  let run: Checkpoint = { state: freshState(experiment, null), tensors: freshTensors(experiment, null) };
  validation.forEach((measured, epoch) => {
    run = {
      state: { ...run.state, epoch },
      tensors: { ...run.tensors, weights: weights(epoch) },
    };
    run = withBest(run, by, { validation: evaluation(measured), test: evaluation(test[epoch]) });
  });
  return run;
}

describe('the kept epoch', () => {
  const keptOf = (by: SelectedBy, ...splits: [Measured[], Measured[]?]) => {
    const { kept, weights: chosen } = keptEpoch(phaseOf(by, ...splits), 'dense', by, null);
    expect(chosen).toEqual(weights(kept.selected.epoch));
    return kept;
  };

  it('has the highest validation accuracy', () => {
    const kept = keptOf('validation', [
      [0.5, 1],
      [0.7, 1],
      [0.6, 0.1],
    ]);
    expect(kept.selected).toEqual({ phase: 'dense', epoch: 1, by: 'validation' });
    expect(kept.validation).toEqual({ images: 10, accuracy: 0.7, loss: 1 });
  });

  it('has the lower loss of two with equal accuracy', () => {
    expect(
      keptOf('validation', [
        [0.7, 1],
        [0.7, 0.9],
        [0.7, 0.95],
      ]).selected.epoch,
    ).toBe(1);
  });

  it('is the earlier of two with equal accuracy and loss', () => {
    expect(
      keptOf('validation', [
        [0.5, 2],
        [0.7, 1],
        [0.7, 1],
      ]).selected.epoch,
    ).toBe(1);
  });

  it('ignores the test split unless the paper protocol is chosen', () => {
    const validation: Measured[] = [
      [0.9, 1],
      [0.1, 1],
    ];
    const test: Measured[] = [
      [0.1, 1],
      [0.9, 1],
    ];
    expect(keptOf('validation', validation, test).selected.epoch).toBe(0);
    expect(keptOf('paper', validation, test).selected.epoch).toBe(1);
  });

  it('is the last without a selection, however good an earlier one was', () => {
    expect(
      keptOf('last', [
        [0.9, 1],
        [0.1, 3],
      ]).selected,
    ).toEqual({ phase: 'dense', epoch: 1, by: 'last' });
  });
});
