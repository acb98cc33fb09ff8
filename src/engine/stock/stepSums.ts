/** Sums over steps that stay on the GPU until they are asked for. */
import * as tf from '@tensorflow/tfjs';
import type { StepMetrics } from '../api.ts';
import type { StepLosses } from './trainingStep.ts';

export class StepSums {
  private readonly zero = tf.scalar(0);
  /** Whole loss, cross entropy, distillation, penalty, images classified right. */
  private sums: tf.Tensor = tf.zeros([5]);
  private steps = 0;
  private readonly batch: number;

  /** @param batch images a step */
  constructor(batch: number) {
    this.batch = batch;
  }

  /** Takes in a step; inside a tidy. @param weight of the distillation */
  add({ crossEntropy, distillation, penalty }: StepLosses, weight: number, correct: tf.Tensor): void {
    const weighted = distillation && tf.mul(distillation, weight);
    const loss = [weighted, penalty].reduce<tf.Tensor>((sum, term) => (term ? tf.add(sum, term) : sum), crossEntropy);
    const step = tf.stack([loss, crossEntropy, weighted ?? this.zero, penalty ?? this.zero, correct]);
    const sums = tf.keep(tf.add(this.sums, step));
    this.sums.dispose();
    this.sums = sums;
    this.steps++;
  }

  async read(reset: boolean): Promise<StepMetrics> {
    const { sums, steps } = this;
    const images = steps * this.batch;
    if (reset) {
      this.sums = tf.zeros([5]);
      this.steps = 0;
    }
    const [loss, entropy, distance, penalty, correct] = await sums.data();
    if (reset) sums.dispose();
    const mean = (value: number) => (steps === 0 ? 0 : value / steps);
    return {
      steps,
      images,
      loss: mean(loss),
      crossEntropy: mean(entropy),
      distillation: mean(distance),
      penalty: mean(penalty),
      accuracy: images === 0 ? 0 : correct / images,
      finite: Number.isFinite(loss),
    };
  }

  dispose(): void {
    tf.dispose([this.zero, this.sums]);
  }
}
