/** Evaluation mode of the stock engine: running statistics, no augmentation, batch by batch. */
import * as tf from '@tensorflow/tfjs';
import type { Evaluation, HostTensor, Progress } from '../api.ts';
import type { Batch, Batches } from './batches.ts';
import type { Soft } from './gates.ts';
import { crossEntropy } from './losses.ts';
import { permuted } from './stockParameters.ts';
import type { Network } from './trainingPass.ts';

/** Number of images whose largest logit is their label's. */
export const countRight = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor =>
  tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32'));

export class StockEvaluator {
  private readonly network: Network;
  private readonly batches: Batches;
  private readonly batch: number;
  private readonly classes: number;

  constructor(network: Network, batches: Batches, batch: number, classes: number) {
    this.network = network;
    this.batches = batches;
    this.batch = batch;
    this.classes = classes;
  }

  async evaluate(
    indices: Uint32Array,
    options: { soft?: Soft; onProgress?: Progress; signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    let loss = 0;
    let correct = 0;
    const read = ({ images, labels }: Batch) => {
      const logits = this.network.evaluate(images, options.soft ?? null);
      return tf.stack([crossEntropy(logits, labels), countRight(logits, labels)]);
    };
    await this.batches.walk(
      indices,
      this.batch,
      read,
      ([batchLoss, right], rows, first) => {
        loss += batchLoss * rows;
        correct += right;
        options.onProgress?.(first + rows, indices.length);
      },
      options.signal,
    );
    const count = Math.max(1, indices.length);
    return { images: indices.length, loss: loss / count, accuracy: correct / count };
  }

  async logits(indices: Uint32Array, options: { soft?: Soft } = {}): Promise<Float32Array> {
    const all = new Float32Array(indices.length * this.classes);
    await this.batches.walk(
      indices,
      this.batch,
      ({ images }) => this.network.evaluate(images, options.soft ?? null),
      (values, _, first) => all.set(values, first * this.classes),
    );
    return all;
  }

  async preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const layer = this.network.layers.find(
      (candidate) => candidate.kind === 'site' && candidate.gated && candidate.id === site,
    );
    if (layer?.kind !== 'site') throw new RangeError(`There is no gate site "${site}" in this network.`);
    const { channels, height, width } = layer.shape;
    const size = channels * height * width;
    const data = new Float32Array(indices.length * size);
    const read = ({ images }: Batch) => {
      let found!: tf.Tensor4D;
      this.network.evaluate(images, null, (id, z) => {
        if (id === site) found = z;
      });
      return found;
    };
    await this.batches.walk(indices, this.batch, read, (values, rows, first) =>
      data.set(permuted({ shape: [rows, height, width, channels], data: values }, [0, 3, 1, 2]).data, first * size),
    );
    return { shape: [indices.length, channels, height, width], data };
  }
}
