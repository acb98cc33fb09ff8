/** From the settings of a step to the numbers that the kernels read. */
import type { StepSettings } from '../api.ts';
import type { HyperValues } from '../gpu/kernel.ts';

/** Numbers of a pass without training: no soft gate, no augmentation, everything else neutral. */
export function neutralHyper(): HyperValues {
  return {
    learningRate: 0,
    maskLearningRate: 0,
    momentum: 0,
    weightDecay: 0,
    lambda: 0,
    slope: 1,
    mix: 0,
    soft: 0,
    temperature: 1,
    distillWeight: 0,
    gradientScale: 1,
    accumulate: 0,
    at: 0,
    seed: 0,
    cropPadding: 0,
    flip: 0,
    adam: 0,
    beta1: 0.9,
    beta2: 0.999,
    fresh1: 1 - 0.9,
    fresh2: 1 - 0.999,
    epsilon: 1e-8,
    correction1: 1,
    correction2: 1,
    trainMasks: 0,
    trainAffine: 0,
    row: 0,
    images: 1,
    threshold: 0,
  };
}

export function softHyper(soft: StepSettings['soft']): Pick<HyperValues, 'soft' | 'slope' | 'mix'> {
  return soft ? { soft: 1, slope: soft.slope, mix: soft.mix } : { soft: 0, slope: 1, mix: 0 };
}

/** @param updates optimizer steps taken before this one (Adam's bias correction) */
export function stepHyper(settings: StepSettings, batch: number, updates: number): HyperValues {
  const { optimizer, augment, distillation } = settings;
  const [beta1, beta2] = optimizer.kind === 'adam' ? (optimizer.betas ?? [0.9, 0.999]) : [0.9, 0.999];
  return {
    ...neutralHyper(),
    ...softHyper(settings.soft),
    learningRate: settings.learningRate,
    maskLearningRate: settings.maskLearningRate ?? settings.learningRate,
    momentum: optimizer.kind === 'sgd' ? optimizer.momentum : 0,
    weightDecay: optimizer.weightDecay,
    lambda: settings.lambda,
    temperature: distillation?.temperature ?? 1,
    distillWeight: distillation?.weight ?? 0,
    gradientScale: 1 / batch,
    seed: augment?.seed ?? 0,
    cropPadding: augment?.cropPadding ?? 0,
    flip: augment?.flip ? 1 : 0,
    adam: optimizer.kind === 'adam' ? 1 : 0,
    beta1,
    beta2,
    fresh1: 1 - beta1,
    fresh2: 1 - beta2,
    epsilon: (optimizer.kind === 'adam' ? optimizer.epsilon : undefined) ?? 1e-8,
    correction1: 1 - beta1 ** (updates + 1),
    correction2: 1 - beta2 ** (updates + 1),
    trainMasks: settings.trainMasks ? 1 : 0,
    trainAffine: settings.trainAffine ? 1 : 0,
    images: batch,
  };
}
