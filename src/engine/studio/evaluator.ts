/**
 * Evaluation mode: accuracy, logits and pre-activations of one network from its running statistics, without augmentation.
 */
import type { Evaluation, HostTensor, Progress, StepSettings } from '../api.ts';
import type { Slice } from '../gpu/memory.ts';
import { Recording, type PipelineCache } from '../gpu/recording.ts';
import { lossKernel } from '../kernels/loss.ts';
import { metricsKernel, TOTALS } from '../kernels/metrics.ts';
import type { Dataset } from './dataset.ts';
import { neutralHyper, softHyper } from './hyper.ts';
import { foldDispatch } from './networkState.ts';
import { pad4 } from './parameters.ts';
import { ForwardPlan, type NetworkState, type PlanContext } from './planForward.ts';
import type { Submitter } from './submitter.ts';

export interface EvaluatorBuffers {
  images: Slice;
  labels: Slice;
  samples: Slice;
  penalties: Slice;
}

export class Evaluator {
  readonly fold: Recording;
  readonly forward: Recording;
  readonly #totals: Slice;
  readonly #logits: Slice;
  #order: Slice | null = null;
  #gather: Recording | null = null;

  constructor(
    private readonly context: PlanContext,
    private readonly cache: PipelineCache,
    private readonly submitter: Submitter,
    private readonly state: NetworkState,
    private readonly buffers: EvaluatorBuffers,
  ) {
    const { memory, batch } = context;
    this.fold = this.#record();
    this.fold.add(foldDispatch(memory, state).dispatch);
    this.forward = this.#record();
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
      grid: [Math.ceil(batch / 64), 1, 1],
    });
    this.forward.add({
      label: 'metrics',
      kernel: metricsKernel,
      dims: { penaltyCount: 0, evaluation: 1 },
      buffers: { samples, penalties, totals: this.#totals },
      grid: [1, 1, 1],
    });
  }

  #record(): Recording {
    return new Recording(this.context.memory, this.cache, this.submitter.hyper);
  }

  /** Walks another data set from now on; room for the whole set and the last batch's padding. */
  setData(dataset: Dataset): void {
    const { memory, batch } = this.context;
    this.#gather?.dispose();
    if (this.#order) memory.release(this.#order);
    this.#order = memory.allocate(4 * (dataset.set.count + batch), 'evaluation order');
    this.#gather = this.#record();
    this.#gather.add(dataset.gather(this.#order, batch, this.buffers.images, this.buffers.labels));
    this.#gather.compileNow();
  }

  /** Runs evaluation batches; `each` is called after a batch is enqueued. */
  async #batches(
    indices: Uint32Array,
    soft: StepSettings['soft'],
    recording: Recording,
    each: (first: number, count: number) => Promise<void>,
  ): Promise<void> {
    if (!this.#gather || !this.#order) throw new Error('Set data before evaluating.');
    this.submitter.check();
    const room = this.#order.size / 4 - this.context.batch;
    for (let start = 0; start < indices.length; start += room) {
      const part = indices.subarray(start, Math.min(indices.length, start + room));
      this.context.memory.device.queue.writeBuffer(this.#order.buffer, 0, part as Uint32Array<ArrayBuffer>);
      for (let at = 0; at < part.length; at += this.context.batch) {
        const images = Math.min(this.context.batch, part.length - at);
        this.submitter.write({ ...neutralHyper(), ...softHyper(soft), at, images });
        this.submitter.submit(this.#gather, ...(at === 0 && start === 0 ? [this.fold] : []), recording);
        await each(start + at, images);
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
    const [, images, crossEntropy, , , right] = new Float32Array(
      await this.context.memory.read(this.#totals, 4 * TOTALS),
    );
    this.submitter.check();
    return { images, loss: images > 0 ? crossEntropy / images : 0, accuracy: images > 0 ? right / images : 0 };
  }

  async logits(indices: Uint32Array, options: { soft?: StepSettings['soft'] } = {}): Promise<Float32Array> {
    const { classes } = this.state.network;
    const result = new Float32Array(indices.length * classes);
    await this.#batches(indices, options.soft ?? null, this.forward, async (first, count) => {
      result.set(new Float32Array(await this.context.memory.read(this.#logits, 4 * count * classes)), first * classes);
    });
    return result;
  }

  /** Pre-activations of one site, (N, C, H, W), through a plan that ends there. */
  async preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const plan = this.state.plan.sites.get(site);
    if (!plan) throw new RangeError(`${site} is not a gate site of this network.`);
    const { channels, height, width } = plan.layer.shape;
    const recording = this.#record();
    const planner = new ForwardPlan(this.context, recording, this.state, this.buffers.images);
    const z = planner.forward('evaluate', site)!;
    planner.release();
    this.context.memory.giveBack(planner.logits);
    await recording.compile();
    const positions = height * width;
    const padded = pad4(channels);
    const data = new Float32Array(indices.length * channels * positions);
    await this.#batches(indices, null, recording, async (first, count) => {
      const values = new Float32Array(await this.context.memory.read(z, 4 * count * positions * padded));
      for (let n = 0; n < count; n++)
        for (let p = 0; p < positions; p++)
          for (let c = 0; c < channels; c++)
            data[((first + n) * channels + c) * positions + p] = values[(n * positions + p) * padded + c];
    });
    this.context.memory.giveBack(z);
    recording.dispose();
    return { shape: [indices.length, channels, height, width], data };
  }
}
