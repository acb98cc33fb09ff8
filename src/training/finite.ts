/** Guards a run's state against values that are not finite, before they reach a checkpoint. */
import type { TensorMap } from '../engine/api.ts';
import { DivergedError } from './errors.ts';

/** The first tensor with a NaN or infinite value; null where all are finite. */
export function firstNonFinite(tensors: TensorMap): string | null {
  for (const [name, { data }] of tensors)
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return name;
  return null;
}

/**
 * @param title of the phase, @param epoch 0-based
 * @throws DivergedError naming the parameter or the gradient average that is not finite
 */
export function checkFinite(title: string, epoch: number, weights: TensorMap, optimizer: TensorMap): void {
  const parameter = firstNonFinite(weights);
  if (parameter !== null) throw new DivergedError(title, epoch, `the parameter ${parameter}`);
  const moment = firstNonFinite(optimizer);
  if (moment !== null) throw new DivergedError(title, epoch, `the gradient average ${moment}`);
}
