/**
 * The terms of the training loss (cross entropy, distillation, mask penalty) and the axis that suits them. The mask penalty λ·Σ|α|
 * can be a hundred times the cross entropy: on a linear axis the other terms would then be a flat line.
 */
import type { LossAxis } from '../stores/view.ts';
import type { LiveRow } from './liveRows.ts';

export const LOSS_TERMS = ['crossEntropy', 'distillation', 'penalty'] as const;

/** Terms that differ by more than this ratio are drawn on a logarithmic axis unless the user chooses otherwise. */
const MAX_LINEAR_RATIO = 10;

/** Largest value of each term over the largest value of the smallest one; 1 where there are fewer than two terms. */
export function termRatio(rows: readonly Pick<LiveRow, (typeof LOSS_TERMS)[number]>[]): number {
  // Only rows with several terms: the cross entropy of dense training says nothing about the mask stage.
  const joint = rows.filter((row) => LOSS_TERMS.filter((term) => (row[term] ?? 0) > 0).length > 1);
  const maxima = LOSS_TERMS.map((term) => joint.reduce((most, row) => Math.max(most, row[term] ?? 0), 0)).filter(
    (most) => most > 0,
  );
  return maxima.length > 1 ? Math.max(...maxima) / Math.min(...maxima) : 1;
}

export const isLogAxis = (axis: LossAxis, rows: readonly LiveRow[]): boolean =>
  axis === 'auto' ? termRatio(rows) > MAX_LINEAR_RATIO : axis === 'log';
