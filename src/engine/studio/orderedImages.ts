/**
 * A data set on the GPU and an order in which its images are walked through, with the dispatch that gathers a batch of it.
 */
import type { ImageSet } from '../api.ts';
import { checkIndices } from '../checks.ts';
import type { Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';
import type { Dataset } from './dataset.ts';
import type { PlanContext } from './planForward.ts';

/** Where a batch goes: normalised images and labels. */
export interface BatchBuffers {
  images: Slice;
  labels: Slice;
}

export class OrderedImages {
  #order: Slice;
  #gather: Recording;
  /** Indices in the order. */
  length = 0;

  /** With room for an order of the whole set; behind it one batch more, which the last batch of an evaluation may read into. */
  constructor(
    private readonly context: PlanContext,
    private readonly dataset: Dataset,
    private readonly target: BatchBuffers,
  ) {
    this.#order = this.#allocate(dataset.set.count);
    this.#gather = this.#record();
  }

  get set(): ImageSet {
    return this.dataset.set;
  }

  /** Gathers the images from hyper.at on. */
  get gather(): Recording {
    return this.#gather;
  }

  /** Indices that an order may have without another buffer. */
  get room(): number {
    return this.#order.size / 4 - this.context.batch;
  }

  #allocate(indices: number): Slice {
    return this.context.memory.allocate(4 * (indices + this.context.batch), 'order');
  }

  #record(): Recording {
    const recording = this.context.record();
    recording.add(this.dataset.gather(this.#order, this.context.batch, this.target.images, this.target.labels));
    recording.compileNow();
    return recording;
  }

  /** @throws ImagesError where an index lies beyond the data set; the old order stays. */
  write(order: Uint32Array): void {
    checkIndices(order, this.set.count);
    if (order.length > this.room) {
      this.release();
      this.#order = this.#allocate(order.length);
      this.#gather = this.#record();
    }
    this.context.memory.device.queue.writeBuffer(this.#order.buffer, 0, order as Uint32Array<ArrayBuffer>);
    this.length = order.length;
  }

  release(): void {
    this.#gather.dispose();
    this.context.memory.release(this.#order);
  }
}
