/**
 * The stock engine: the whole Engine interface in tfjs's own ops and tfjs's autodiff. It is the oracle that the studio engine is
 * tested against and the baseline that it is measured against.
 *
 * Batches are gathered, cropped and normalised on the host (augment.ts) and uploaded; nothing is read back in a step.
 */
import * as tf from '@tensorflow/tfjs';
import type { GateMap, SiteIdMap } from '../../domain/gateMap.ts';
import type {
  Engine,
  EngineMemory,
  EngineSettings,
  Evaluation,
  HostTensor,
  ImageSet,
  Progress,
  StepMetrics,
  StepSettings,
  TensorMap,
} from '../api.ts';
import { gatherReference } from '../augment.ts';
import type { Gpu } from '../device.ts';
import { countDispatches, dispatchTotals } from './dispatchCount.ts';
import { BATCH_NORM_MOMENTUM, type BatchStatistics } from './forward.ts';
import type { Soft } from './gates.ts';
import { crossEntropy } from './losses.ts';
import { Optimizer } from './optimizer.ts';
import { permuted, toHost, type StoredParameter } from './parameterStore.ts';
import { Network, trainingPass } from './trainingPass.ts';

export interface StockOptions {
  /** Keeps the last step's gradients and logits for `gradients()` and `trainingLogits()`; they take memory. */
  inspect?: boolean;
}

interface Inspected {
  gradients: Map<string, tf.Tensor>;
  logits: tf.Tensor;
}

const isGateRole = (role: StoredParameter['role']) => role === 'scale' || role === 'shift';

export class StockEngine implements Engine {
  readonly settings: EngineSettings;
  dispatches = 0;

  private readonly gpu: Gpu;
  private readonly inspect: boolean;
  private readonly student: Network;
  private readonly optimizer: Optimizer;
  private readonly zero = tf.scalar(0);
  private teacher: Network | null = null;
  private data: ImageSet | null = null;
  private order = new Uint32Array();
  /** Over the steps since the reset: whole loss, cross entropy, distillation, penalty, images classified right. */
  private sums: tf.Tensor = tf.zeros([5]);
  private steps = 0;
  private inspected: Inspected | null = null;

  constructor(gpu: Gpu, settings: EngineSettings, options: StockOptions = {}) {
    countDispatches();
    this.gpu = gpu;
    this.settings = settings;
    this.inspect = options.inspect ?? false;
    this.student = new Network(settings, settings.gates);
    this.optimizer = new Optimizer(this.student.parameters.trainable);
  }

  /** What tfjs's pool holds on this device, whoever asked for it; per image: what autodiff keeps for the backward pass. */
  get memory(): EngineMemory {
    const pool = this.gpu.backend.bufferManager;
    let kept = 0;
    for (const layer of this.student.layers) {
      if (layer.kind === 'head') continue;
      const { channels, height, width } = layer.kind === 'conv' ? layer.out : layer.shape;
      // conv: its result; site: after the batch norm, after the residual's batch norm and the sum, after the gate.
      const tensors =
        layer.kind === 'conv' ? (layer.skip ? 2 : 1) : 2 + (layer.residual ? (layer.residual.norm ? 2 : 1) : 0);
      kept += 4 * tensors * channels * height * width;
    }
    return {
      bytes: this.gpu.backend.memory().numBytesAllocatedInGPU,
      perImage: kept,
      buffers: pool.getNumUsedBuffers() + pool.getNumFreeBuffers(),
    };
  }

  /** tfjs compiles as it goes: runs the forward and backward pass once on black images and forgets the result. */
  async compile(progress?: Progress): Promise<void> {
    progress?.(0, 1);
    const { inputShape, classes } = this.settings.network;
    const rows = Math.min(this.settings.batch, this.settings.microBatch ?? this.settings.batch);
    tf.tidy(() => {
      const images = tf.zeros([rows, inputShape[1], inputShape[2], inputShape[0]]) as tf.Tensor4D;
      const labels = tf.zeros([rows, classes]) as tf.Tensor2D;
      const wanted = this.student.parameters.trainable;
      const pass = trainingPass(this.student, { images, labels, soft: null, distillation: null, share: 1, wanted });
      tf.dispose([
        ...pass.gradients.values(),
        ...pass.statistics.flatMap(({ mean, variance }) => [mean, variance]),
        pass.logits,
        pass.crossEntropy,
      ]);
      this.student.evaluate(images, null);
    });
    await this.settle();
    progress?.(1, 1);
  }

  setWeights(weights: TensorMap): void {
    this.student.parameters.set(weights);
    this.optimizer.clear();
  }

  weights(): Promise<TensorMap> {
    return toHost(this.student.parameters.list.map(({ name, role, variable }) => ({ name, role, tensor: variable })));
  }

  async gradients(): Promise<TensorMap> {
    const { gradients } = this.lastStep();
    const roles = this.student.parameters.trainable.filter(({ name }) => gradients.has(name));
    return toHost(roles.map(({ name, role }) => ({ name, role, tensor: gradients.get(name)! })));
  }

  async trainingLogits(): Promise<Float32Array> {
    return Float32Array.from((await this.lastStep().logits.data()) as Float32Array);
  }

  private lastStep(): Inspected {
    if (!this.inspected)
      throw new Error('No step to look into: make the stock engine with { inspect: true } and take a step first.');
    return this.inspected;
  }

  optimizerState(): Promise<TensorMap> {
    return this.optimizer.state();
  }

  setOptimizerState(state: TensorMap): void {
    this.optimizer.setState(state);
  }

  setTeacher(weights: TensorMap, gates: GateMap): void {
    this.teacher?.dispose();
    this.teacher = new Network(this.settings, gates);
    this.teacher.parameters.set(weights);
  }

  setData(images: ImageSet): void {
    const wanted = this.settings.network.inputShape;
    if (images.shape.join() !== wanted.join())
      throw new RangeError(`The images are ${images.shape.join('×')}, the network wants ${wanted.join('×')}.`);
    this.data = images;
  }

  setOrder(order: Uint32Array): void {
    this.order = order.slice();
  }

  /** Normalised images (rows, H, W, C) and one-hot labels of the given indices. */
  private batch(
    indices: Uint32Array,
    position: number,
    augment: StepSettings['augment'],
  ): { images: tf.Tensor4D; labels: tf.Tensor2D } {
    const data = this.data;
    if (!data) throw new Error('The engine has no data set: call setData first.');
    const [channels, height, width] = data.shape;
    const pixels = gatherReference(data, indices, position, augment);
    const labels = tf.tensor1d(
      Int32Array.from(indices, (index) => data.labels[index]),
      'int32',
    );
    return {
      images: tf.tensor4d(pixels, [indices.length, height, width, channels]),
      labels: tf.oneHot(labels, this.settings.network.classes, 1, 0, 'float32') as tf.Tensor2D,
    };
  }

  step(at: number, settings: StepSettings): void {
    const { batch, microBatch = batch } = this.settings;
    if (at < 0 || at + batch > this.order.length)
      throw new RangeError(`Step on images ${at}…${at + batch - 1} of an order of ${this.order.length}.`);
    const before = dispatchTotals().dispatches;
    this.forgetLastStep();
    tf.tidy(() => {
      const parts: ReturnType<typeof this.part>[] = [];
      for (let first = at; first < at + batch; first += microBatch)
        parts.push(this.part(first, Math.min(microBatch, at + batch - first), settings));
      const gradients = sumGradients(parts.map((part) => part.gradients));
      const penalty = this.addPenalty(gradients, settings);
      const total = (values: (tf.Tensor | null)[]) =>
        values.reduce<tf.Tensor>(
          (sum, value) => (value && sum !== this.zero ? tf.add(sum, value) : (value ?? sum)),
          this.zero,
        );
      const entropy = total(parts.map((part) => part.crossEntropy));
      const distance = total(parts.map((part) => part.distillation));
      const weighted = settings.distillation ? tf.mul(distance, settings.distillation.weight) : null;
      const loss = [weighted, penalty].reduce<tf.Tensor>((sum, value) => (value ? tf.add(sum, value) : sum), entropy);
      const sums = tf.add(
        this.sums,
        tf.stack([
          loss,
          entropy,
          weighted ?? this.zero,
          penalty ?? this.zero,
          total(parts.map((part) => part.correct)),
        ]),
      );
      this.sums.dispose();
      this.sums = tf.keep(sums);

      this.optimizer.apply(gradients, settings.optimizer, (parameter) =>
        parameter.role === 'alpha' ? (settings.maskLearningRate ?? settings.learningRate) : settings.learningRate,
      );
      if (this.inspect) this.inspected = { gradients, logits: tf.concat(parts.map((part) => part.logits)) };
      for (const tensor of this.inspected ? [...gradients.values(), this.inspected.logits] : []) tf.keep(tensor);
    });
    this.steps++;
    this.dispatches = dispatchTotals().dispatches - before;
  }

  /** Forward and backward pass of `rows` images from `first` of the order on; running statistics move. Inside a tidy. */
  private part(first: number, rows: number, settings: StepSettings) {
    const { images, labels } = this.batch(this.order.subarray(first, first + rows), first, settings.augment);
    const wanted = this.student.parameters.trainable.filter(
      ({ role }) => (role !== 'alpha' || settings.trainMasks) && (!isGateRole(role) || settings.trainAffine),
    );
    let distil = null;
    if (settings.distillation) {
      if (!this.teacher) throw new Error('Distillation needs a teacher: call setTeacher first.');
      distil = { ...settings.distillation, teacher: this.teacher.evaluate(images, null) };
    }
    const pass = trainingPass(this.student, {
      images,
      labels,
      soft: settings.soft,
      distillation: distil,
      share: rows / this.settings.batch,
      wanted,
    });
    for (const statistics of pass.statistics) this.moveRunning(statistics);
    const correct = tf.sum(tf.cast(tf.equal(tf.argMax(pass.logits, 1), tf.argMax(labels, 1)), 'float32'));
    // Kept by the pass; handed over to this step's tidy.
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
  private moveRunning({ norm, mean, variance, count }: BatchStatistics): void {
    const unbiased = count > 1 ? count / (count - 1) : 1;
    const move = (name: string, value: tf.Tensor, factor: number) => {
      const running = this.student.parameters.variable(name);
      running.assign(tf.add(tf.mul(running, 1 - BATCH_NORM_MOMENTUM), tf.mul(value, factor)));
    };
    move(`${norm}.running_mean`, mean, BATCH_NORM_MOMENTUM);
    move(`${norm}.running_var`, variance, BATCH_NORM_MOMENTUM * unbiased);
    mean.dispose();
    variance.dispose();
  }

  /** Adds λ·sign(α) to alpha's gradients; returns λ·Σ|α| (null without alpha or λ). */
  private addPenalty(gradients: Map<string, tf.Tensor>, { lambda }: StepSettings): tf.Tensor | null {
    if (lambda === 0) return null;
    let sum: tf.Tensor | null = null;
    for (const { name, role, variable } of this.student.parameters.list) {
      if (role !== 'alpha') continue;
      const gradient = gradients.get(name);
      if (gradient) gradients.set(name, tf.add(gradient, tf.mul(tf.sign(variable), lambda)));
      const norm = tf.sum(tf.abs(variable));
      sum = sum ? tf.add(sum, norm) : norm;
    }
    return sum && tf.mul(sum, lambda);
  }

  private forgetLastStep(): void {
    if (this.inspected) tf.dispose([...this.inspected.gradients.values(), this.inspected.logits]);
    this.inspected = null;
  }

  async metrics(reset = true): Promise<StepMetrics> {
    const { sums, steps } = this;
    const images = steps * this.settings.batch;
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

  /** Calls `read` with each batch of the indices in turn; it returns tensors' values, so the queue stays short. */
  private async inBatches(
    indices: Uint32Array,
    read: (images: tf.Tensor4D, labels: tf.Tensor2D) => tf.Tensor,
    each: (values: Float32Array, rows: number, first: number) => void,
    signal?: AbortSignal,
  ) {
    for (let first = 0; first < indices.length; first += this.settings.batch) {
      signal?.throwIfAborted();
      const part = indices.subarray(first, first + this.settings.batch);
      const result = tf.tidy(() => {
        const { images, labels } = this.batch(part, 0, null);
        return read(images, labels);
      });
      each((await result.data()) as Float32Array, part.length, first);
      result.dispose();
    }
  }

  async evaluate(
    indices: Uint32Array,
    options: { soft?: Soft; onProgress?: Progress; signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    let loss = 0;
    let correct = 0;
    await this.inBatches(
      indices,
      (images, labels) => {
        const logits = this.student.evaluate(images, options.soft ?? null);
        return tf.stack([
          crossEntropy(logits, labels),
          tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32')),
        ]);
      },
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
    const { classes } = this.settings.network;
    const all = new Float32Array(indices.length * classes);
    await this.inBatches(
      indices,
      (images) => this.student.evaluate(images, options.soft ?? null),
      (values, _, first) => all.set(values, first * classes),
    );
    return all;
  }

  async maskCounts(threshold: number): Promise<SiteIdMap<number>> {
    const masks = this.student.parameters.list.filter(({ role }) => role === 'alpha');
    const counts = await Promise.all(
      masks.map(async ({ name, variable }) => {
        const count = tf.tidy(() => tf.sum(tf.cast(tf.greater(variable, threshold), 'float32')));
        const [value] = await count.data();
        count.dispose();
        return [name.slice(0, -'.alpha'.length), value] as const;
      }),
    );
    return Object.fromEntries(counts);
  }

  async preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const layer = this.student.layers.find(
      (candidate) => candidate.kind === 'site' && candidate.gated && candidate.id === site,
    );
    if (layer?.kind !== 'site') throw new RangeError(`There is no gate site "${site}" in this network.`);
    const { channels, height, width } = layer.shape;
    const size = channels * height * width;
    const data = new Float32Array(indices.length * size);
    await this.inBatches(
      indices,
      (images) => {
        let found!: tf.Tensor4D;
        this.student.evaluate(images, null, (id, z) => {
          if (id === site) found = z;
        });
        return found;
      },
      (values, rows, first) =>
        data.set(permuted({ shape: [rows, height, width, channels], data: values }, [0, 3, 1, 2]).data, first * size),
    );
    return { shape: [indices.length, channels, height, width], data };
  }

  async settle(): Promise<void> {
    const { backend, device } = this.gpu;
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
    await device.queue.onSubmittedWorkDone();
  }

  dispose(): void {
    this.forgetLastStep();
    this.optimizer.clear();
    this.student.dispose();
    this.teacher?.dispose();
    tf.dispose([this.zero, this.sums]);
  }
}

function sumGradients(parts: Map<string, tf.Tensor>[]): Map<string, tf.Tensor> {
  const [first, ...rest] = parts;
  for (const part of rest) for (const [name, gradient] of part) first.set(name, tf.add(first.get(name)!, gradient));
  return first;
}
