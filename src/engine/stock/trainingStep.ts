/**
 * A training step of the stock engine up to its gradients: micro batches one after the other, running statistics and λ·Σ|α| with them.
 * To be called inside a tidy, which owns what comes back.
 */
import * as tf from '@tensorflow/tfjs';
import type { EngineSettings, StepSettings } from '../api.ts';
import type { Batches } from './batches.ts';
import { countRight } from './evaluation.ts';
import { BATCH_NORM_MOMENTUM } from '../../domain/network.ts';
import type { BatchStatistics } from './forward.ts';
import type { StoredParameter } from './stockParameters.ts';
import { trainingPass, type Network } from './trainingPass.ts';

/** Terms of the loss, batch means; null where the step has no such term. */
export interface StepLosses {
  crossEntropy: tf.Tensor;
  /** Not weighted. */
  distillation: tf.Tensor | null;
  /** λ·Σ|α| */
  penalty: tf.Tensor | null;
}

export interface StepOutput {
  gradients: Map<string, tf.Tensor>;
  /** batch × classes */
  logits: tf.Tensor;
  losses: StepLosses;
  /** Images classified right. */
  correct: tf.Tensor;
}

interface Networks {
  student: Network;
  teacher: Network | null;
}

const isAffine = (role: StoredParameter['role']) => role === 'scale' || role === 'shift';

const sumOf = (values: tf.Tensor[]): tf.Tensor => values.reduce((sum, value) => tf.add(sum, value));

/** Forward and backward pass, and moved running statistics, on the images from `at` of the order on. */
export function trainingStep(
  networks: Networks,
  batches: Batches,
  at: number,
  { batch, microBatch = batch }: EngineSettings,
  step: StepSettings,
): StepOutput {
  const parts: ReturnType<typeof part>[] = [];
  for (let first = at; first < at + batch; first += microBatch)
    parts.push(part(networks, batches, first, Math.min(microBatch, at + batch - first), batch, step));
  const gradients = sumGradients(parts.map((each) => each.gradients));
  const penalty = addPenalty(networks.student, gradients, step.lambda);
  const distances = parts.flatMap((each) => each.distillation ?? []);
  return {
    gradients,
    logits: tf.concat(parts.map((each) => each.logits)),
    losses: {
      crossEntropy: sumOf(parts.map((each) => each.crossEntropy)),
      distillation: distances.length > 0 ? sumOf(distances) : null,
      penalty,
    },
    correct: sumOf(parts.map((each) => each.correct)),
  };
}

/** One micro batch, its share of the batch's loss. */
function part(
  { student, teacher }: Networks,
  batches: Batches,
  first: number,
  rows: number,
  batch: number,
  step: StepSettings,
) {
  const { images, labels } = batches.ordered(first, rows, step.augment);
  const wanted = student.parameters.trainable.filter(
    ({ role }) => (role !== 'alpha' || step.trainMasks) && (!isAffine(role) || step.trainAffine),
  );
  let distillation = null;
  if (step.distillation) {
    if (!teacher) throw new Error('Distillation needs a teacher: call setTeacher first.');
    distillation = { ...step.distillation, teacher: teacher.evaluate(images, null) };
  }
  const pass = trainingPass(student, { images, labels, soft: step.soft, distillation, share: rows / batch, wanted });
  for (const statistics of pass.statistics) moveRunning(student, statistics);
  const correct = countRight(pass.logits, labels);
  // Kept by the pass; handed over to the step's tidy.
  const release = <T extends tf.Tensor>(tensor: T): T => {
    const copy = tensor.clone();
    tensor.dispose();
    return copy;
  };
  return {
    gradients: new Map([...pass.gradients].map(([name, tensor]) => [name, release(tensor)])),
    logits: release(pass.logits),
    crossEntropy: release(pass.crossEntropy),
    distillation: pass.distillation && release(pass.distillation),
    correct,
  };
}

/** running ← (1 − momentum) · running + momentum · batch, the variance unbiased, as PyTorch does. */
function moveRunning({ parameters }: Network, { norm, mean, variance, count }: BatchStatistics): void {
  const unbiased = count > 1 ? count / (count - 1) : 1;
  const move = (name: string, value: tf.Tensor, factor: number) => {
    const running = parameters.variable(name);
    running.assign(tf.add(tf.mul(running, 1 - BATCH_NORM_MOMENTUM), tf.mul(value, factor)));
  };
  move(`${norm}.running_mean`, mean, BATCH_NORM_MOMENTUM);
  move(`${norm}.running_var`, variance, BATCH_NORM_MOMENTUM * unbiased);
  mean.dispose();
  variance.dispose();
}

/** Adds λ·sign(α) to alpha's gradients; returns λ·Σ|α| (null without alpha or λ). */
function addPenalty({ parameters }: Network, gradients: Map<string, tf.Tensor>, lambda: number): tf.Tensor | null {
  if (lambda === 0) return null;
  const norms: tf.Tensor[] = [];
  for (const { name, role, variable } of parameters.list) {
    if (role !== 'alpha') continue;
    const gradient = gradients.get(name);
    if (gradient) gradients.set(name, tf.add(gradient, tf.mul(tf.sign(variable), lambda)));
    norms.push(tf.sum(tf.abs(variable)));
  }
  return norms.length > 0 ? tf.mul(sumOf(norms), lambda) : null;
}

function sumGradients(parts: Map<string, tf.Tensor>[]): Map<string, tf.Tensor> {
  const [first, ...rest] = parts;
  for (const more of rest) for (const [name, gradient] of more) first.set(name, tf.add(first.get(name)!, gradient));
  return first;
}
