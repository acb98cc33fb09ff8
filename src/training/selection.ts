/**
 * Which epoch of a phase is kept.
 *
 *   validation   the epoch with the highest validation accuracy; of equal ones the lower loss, then the earlier
 *   paper        the same on the test split: a selection on test data
 *   last         no selection: the last epoch; also where the split is empty, and in phases whose last state goes on (masks, soft
 *                gate)
 */
import type { Evaluation, TensorMap } from '../engine/api.ts';
import type { RunResult } from './events.ts';
import type { Checkpoint, Kept } from './state.ts';
import { bestRemembered } from './transitions.ts';

export type SelectedBy = RunResult['selected']['by'];

/**
 * How a phase selects.
 * @param selection the experiment's
 * @param selects whether the phase selects at all
 * @param images sizes of the splits
 */
export function selectionOf(
  selection: SelectedBy,
  selects: boolean,
  images: { validation: number; test: number },
): SelectedBy {
  if (!selects) return 'last';
  if (selection === 'validation' && images.validation === 0) return 'last';
  if (selection === 'paper' && images.test === 0) return 'last';
  return selection;
}

/** Higher accuracy, or equal accuracy and lower loss. */
export const isBetter = (now: Evaluation, best: Evaluation): boolean =>
  now.accuracy > best.accuracy || (now.accuracy === best.accuracy && now.loss < best.loss);

/** Remembers the epoch just measured, with the current weights, where it is the best so far. */
export function withBest(
  run: Checkpoint,
  by: SelectedBy,
  measured: { validation: Evaluation | null; test: Evaluation | null },
): Checkpoint {
  if (by === 'last') return run;
  const split = by === 'paper' ? 'test' : 'validation';
  const now = measured[split];
  const best = run.state.best?.[split] ?? null;
  if (!now || (best && !isBetter(now, best))) return run;
  return bestRemembered(run, { epoch: run.state.epoch, ...measured });
}

/**
 * At the end of a phase: the weights that it keeps and what is known of them. `test` is null where they were not tested yet.
 * @param phase id of the phase
 * @param validation of the last epoch
 */
export function keptEpoch(
  { state, tensors }: Checkpoint,
  phase: string,
  by: SelectedBy,
  validation: Evaluation | null,
): { kept: Kept; weights: TensorMap } {
  if (by === 'last' || !state.best || !tensors.best)
    return {
      kept: { selected: { phase, epoch: state.epoch, by: 'last' }, validation, test: null },
      weights: tensors.weights,
    };
  const { epoch, validation: ofBest, test } = state.best;
  return { kept: { selected: { phase, epoch, by }, validation: ofBest, test }, weights: tensors.best };
}
