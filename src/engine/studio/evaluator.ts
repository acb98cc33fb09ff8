/**
 * Evaluation mode: accuracy, logits and pre-activations of one network from its running statistics, without augmentation.
 */
import type { Evaluation, HostTensor, Progress, StepSettings } from '../api.ts';
import { checkIndices } from '../checks.ts';
import type { Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';
import { lossKernel } from '../kernels/loss.ts';
import { metricsKernel, TOTALS } from '../kernels/metrics.ts';
import type { Dataset } from './dataset.ts';
import { divide } from './geometry.ts';
import { neutralHyper, softHyper } from './hyper.ts';
import { foldDispatch } from './networkState.ts';
import { OrderedImages, type BatchBuffers } from './orderedImages.ts';
import { pad4 } from './parameters.ts';
import { ForwardPlan, type NetworkState, type PlanContext } from './planForward.ts';
import type { Submitter } from './submitter.ts';

export interface EvaluatorBuffers extends BatchBuffers {
  samples: Slice;
  penalties: Slice;
}

export class Evaluator {
  readonly fold: Recording;
  readonly forward: Recording;
  readonly #totals: Slice;
  readonly #logits: Slice;
  #images: OrderedImages | null = null;

  constructor(
    private readonly context: PlanContext,
    private readonly submitter: Submitter,
    private readonly state: NetworkState,
    private readonly buffers: EvaluatorBuffers,
  ) {
    const { memory, batch } = context;
    this.fold = context.record();
    this.fold.add(foldDispatch(memory, state).dispatch);
    this.forward = context.record();
    const plan = new ForwardPlan(context, this.forward, state, buffers.images);
    this.#logits = plan.logits;
    plan.forward('evaluate');
    plan.release();
    this.#totals = memory.allocate(4 * TOTALS, 'evaluation totals');
    const { labels, samples, penalties } = buffers;
    this.forward.add({
      label: 'loss',
      kernel: lossKernel(false, false),
      dims: { batch, classes: state.network.classes },
      buffers: { logits: plan.logits, labels, samples },
      grid: [divide(batch, 64), 1, 1],
    });
    this.forward.add({
      label: 'metrics',
      kernel: metricsKernel,
      dims: { penaltyCount: 0, evaluation: 1 },
      buffers: { samples, penalties, totals: this.#totals },
      grid: [1, 1, 1],
    });
  }

  /** Walks another data set from now on. */
  setData(dataset: Dataset): void {
    this.#images?.release();
    this.#images = new OrderedImages(this.context, dataset, this.buffers);
  }

  /** Runs evaluation batches; `each` is called after a batch is enqueued. */
  async #batches(
    indices: Uint32Array,
    soft: StepSettings['soft'],
    recording: Recording,
    each: (first: number, count: number) => Promise<void>,
  ): Promise<void> {
    const images = this.#images;
    if (!images) throw new Error('The engine has no data set: call setData first.');
    this.submitter.check();
    checkIndices(indices, images.set.count);
    let folded: Recording[] = [this.fold];
    for (let start = 0; start < indices.length; start += images.room) {
      const part = indices.subarray(start, start + images.room);
      images.write(part);
      for (let at = 0; at < part.length; at += this.context.batch) {
        const count = Math.min(this.context.batch, part.length - at);
        this.submitter.write({ ...neutralHyper(), ...softHyper(soft), at, images: count });
        this.submitter.submit(images.gather, ...folded, recording);
        folded = [];
        await each(start + at, count);
      }
    }
  }

  async evaluate(
    indices: Uint32Array,
    options: { soft?: StepSettings['soft']; onProgress?: Progress; signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    this.context.memory.device.queue.writeBuffer(this.#totals.buffer, 0, new Float32Array(TOTALS));
    let done = 0;
    let enqueued = 0;
    await this.#batches(indices, options.soft ?? null, this.forward, async (_, count) => {
      done += count;
      options.signal?.throwIfAborted();
      // A few batches in flight: the thread stays free and a stop takes effect soon.
      if (++enqueued % 4 === 0) await this.submitter.settle();
      options.onProgress?.(done, indices.length);
    });
    const [, images, crossEntropy, , , right] = new Float32Array(await this.#read(this.#totals, TOTALS));
    return { images, loss: images > 0 ? crossEntropy / images : 0, accuracy: images > 0 ? right / images : 0 };
  }

  async logits(indices: Uint32Array, options: { soft?: StepSettings['soft'] } = {}): Promise<Float32Array> {
    const { classes } = this.state.network;
    const result = new Float32Array(indices.length * classes);
    await this.#batches(indices, options.soft ?? null, this.forward, async (first, count) => {
      result.set(new Float32Array(await this.#read(this.#logits, count * classes)), first * classes);
    });
    return result;
  }

  #read(slice: Slice, floats: number): Promise<ArrayBuffer> {
    return this.submitter.guard(this.context.memory.read(slice, 4 * floats));
  }

  /** Pre-activations of one site, (N, C, H, W), through a plan that ends there. */
  async preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const layer = this.state.plan.sites.get(site)?.layer;
    if (!layer?.gated) throw new RangeError(`There is no gate site "${site}" in this network.`);
    const { memory } = this.context;
    const { channels, height, width } = layer.shape;
    const recording = this.context.record();
    const plan = new ForwardPlan(this.context, recording, this.state, this.buffers.images);
    const z = plan.forward('evaluate', site)!;
    plan.release();
    memory.giveBack(plan.logits);
    const positions = height * width;
    const padded = pad4(channels);
    const data = new Float32Array(indices.length * channels * positions);
    try {
      await recording.compile();
      await this.#batches(indices, null, recording, async (first, count) => {
        const values = new Float32Array(await this.#read(z, count * positions * padded));
        for (let n = 0; n < count; n++)
          for (let p = 0; p < positions; p++)
            for (let c = 0; c < channels; c++)
              data[((first + n) * channels + c) * positions + p] = values[(n * positions + p) * padded + c];
      });
    } finally {
      memory.giveBack(z);
      recording.dispose();
    }
    return { shape: [indices.length, channels, height, width], data };
  }
}
