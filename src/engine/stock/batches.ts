/**
 * Batches of the stock engine: gathered, cropped and normalised on the host (augment.ts), then uploaded.
 */
import * as tf from '@tensorflow/tfjs';
import type { NetworkSpec } from '../../domain/network.ts';
import type { ImageSet, StepSettings } from '../api.ts';
import { gatherReference } from '../augment.ts';
import { checkImages, checkIndices } from '../checks.ts';

/** Normalised images (rows, H, W, C) and one-hot labels (rows, classes); the caller's tidy owns them. */
export interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor2D;
}

export class Batches {
  private readonly network: NetworkSpec;
  private data: ImageSet | null = null;
  private order = new Uint32Array();

  constructor(network: NetworkSpec) {
    this.network = network;
  }

  setData(images: ImageSet): void {
    checkImages(images, this.network);
    this.data = images;
    this.order = new Uint32Array();
  }

  setOrder(order: Uint32Array): void {
    checkIndices(order, this.set.count);
    this.order = order.slice();
  }

  /** Indices in the order. */
  get length(): number {
    return this.order.length;
  }

  private get set(): ImageSet {
    if (!this.data) throw new Error('The engine has no data set: call setData first.');
    return this.data;
  }

  /** Images order[first .. first + rows), augmented. */
  ordered(first: number, rows: number, augment: StepSettings['augment']): Batch {
    return this.batch(this.order.subarray(first, first + rows), first, augment);
  }

  private batch(indices: Uint32Array, position: number, augment: StepSettings['augment']): Batch {
    const { set } = this;
    const [channels, height, width] = set.shape;
    const pixels = gatherReference(set, indices, position, augment);
    const labels = tf.tensor1d(
      Int32Array.from(indices, (index) => set.labels[index]),
      'int32',
    );
    return {
      images: tf.tensor4d(pixels, [indices.length, height, width, channels]),
      labels: tf.oneHot(labels, this.network.classes, 1, 0, 'float32') as tf.Tensor2D,
    };
  }

  /** Hands `size` of the given images after the other to `read`, and what it makes of them to `each`: the queue stays short. */
  async walk(
    indices: Uint32Array,
    size: number,
    read: (batch: Batch) => tf.Tensor,
    each: (values: Float32Array, rows: number, first: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    checkIndices(indices, this.set.count);
    for (let first = 0; first < indices.length; first += size) {
      signal?.throwIfAborted();
      const part = indices.subarray(first, first + size);
      const result = tf.tidy(() => read(this.batch(part, 0, null)));
      each((await result.data()) as Float32Array, part.length, first);
      result.dispose();
    }
  }
}
