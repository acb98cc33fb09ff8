/** Sums over the steps of an epoch, and their means. */
import { expect, it } from 'vitest';
import { addMetrics, meansOf, NO_SUMS } from './sums.ts';

const metrics = (steps: number, loss: number, accuracy: number) => ({
  steps,
  images: 4 * steps,
  loss,
  crossEntropy: loss,
  distillation: 0,
  penalty: 0,
  accuracy,
  finite: true,
});

it('weighs each reading by its steps', () => {
  const sums = addMetrics(addMetrics(NO_SUMS, metrics(3, 2, 0.5)), metrics(1, 6, 1));
  expect(meansOf(sums)).toEqual({ images: 16, loss: 3, accuracy: 0.625 });
});

it('has zeros for no steps at all', () => {
  expect(meansOf(NO_SUMS)).toEqual({ images: 0, loss: 0, accuracy: 0 });
});
