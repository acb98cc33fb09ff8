/**
 * What changes over a phase's epochs and steps, in closed form, so that any epoch can be entered without the ones before it.
 *
 *   constant   lr
 *   step       lr · factor^(milestones reached)                             PyTorch's MultiStepLR
 *   cosine     floor·lr + (1 − floor)·lr · (1 + cos(π · epoch / epochs)) / 2  PyTorch's CosineAnnealingLR, T_max = epochs
 *
 * and the soft gate of DeepShare's first phase, d = (1 − mix)·Φ(slope·z) + mix·1[z > 0], over t from 0 to 1.
 */
import type { Phase } from '../domain/experiment.ts';
import type { Transition } from '../domain/methods/deepshare.ts';
import type { StepSettings } from '../engine/api.ts';

/** Learning rate of a phase during the given epoch (0-based). */
export function learningRateAt({ optimizer, schedule, epochs }: Phase, epoch: number): number {
  const rate = optimizer.learningRate;
  switch (schedule.kind) {
    case 'constant':
      return rate;
    case 'step':
      return rate * schedule.factor ** schedule.milestones.filter((milestone) => milestone <= epoch).length;
    case 'cosine': {
      const floor = schedule.floor * rate;
      return floor + ((rate - floor) * (1 + Math.cos((Math.PI * epoch) / Math.max(1, epochs)))) / 2;
    }
  }
}

/** The soft gate at t ∈ [0, 1] of the soft phase. */
export function softnessAt(transition: Transition, t: number): NonNullable<StepSettings['soft']> {
  switch (transition.kind) {
    case 'gelu':
      return { slope: transition.from * (transition.to / transition.from) ** t, mix: 0 };
    case 'mix':
      return { slope: 1, mix: t };
    case 'abrupt':
      return { slope: 1, mix: 0 };
  }
}
