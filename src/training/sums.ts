/** Sums over training steps in double precision: the means of an epoch or of a step record are taken from them. */
import type { StepMetrics } from '../engine/api.ts';

/** Totals over some steps: each mean of `StepMetrics` times its steps, `right` in images. */
export interface Sums {
  readonly steps: number;
  readonly images: number;
  readonly loss: number;
  readonly crossEntropy: number;
  readonly distillation: number;
  readonly penalty: number;
  readonly right: number;
}

export const NO_SUMS: Sums = { steps: 0, images: 0, loss: 0, crossEntropy: 0, distillation: 0, penalty: 0, right: 0 };

export function addMetrics(sums: Sums, metrics: StepMetrics): Sums {
  const { steps, images } = metrics;
  return {
    steps: sums.steps + steps,
    images: sums.images + images,
    loss: sums.loss + metrics.loss * steps,
    crossEntropy: sums.crossEntropy + metrics.crossEntropy * steps,
    distillation: sums.distillation + metrics.distillation * steps,
    penalty: sums.penalty + metrics.penalty * steps,
    right: sums.right + Math.round(metrics.accuracy * images),
  };
}

/** Mean loss and accuracy over the steps; zeros where there are none. */
export const meansOf = ({ images, steps, loss, right }: Sums) => ({
  images,
  loss: steps > 0 ? loss / steps : 0,
  accuracy: images > 0 ? right / images : 0,
});
