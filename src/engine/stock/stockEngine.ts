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
import { checkStep } from '../checks.ts';
import type { Gpu } from '../device.ts';
import { Batches } from './batches.ts';
import { countDispatches, dispatchTotals } from './dispatchCount.ts';
import { StockEvaluator } from './evaluation.ts';
import { Optimizer } from './optimizer.ts';
import { toHost } from './stockParameters.ts';
import { StepSums } from './stepSums.ts';
import { Network, trainingPass } from './trainingPass.ts';
import { trainingStep } from './trainingStep.ts';

export interface StockOptions {
  /** Keeps the last step's gradients and logits for `gradients()` and `trainingLogits()`; they take memory. */
  inspect?: boolean;
}

interface Inspected {
  gradients: Map<string, tf.Tensor>;
  logits: tf.Tensor;
}

export class StockEngine implements Engine {
  readonly settings: EngineSettings;
  dispatches = 0;

  private readonly gpu: Gpu;
  private readonly inspect: boolean;
  private readonly student: Network;
  private readonly optimizer: Optimizer;
  private readonly batches: Batches;
  private readonly evaluator: StockEvaluator;
  private readonly sums: StepSums;
  private teacher: Network | null = null;
  private inspected: Inspected | null = null;

  constructor(gpu: Gpu, settings: EngineSettings, options: StockOptions = {}) {
    countDispatches();
    this.gpu = gpu;
    this.settings = settings;
    this.inspect = options.inspect ?? false;
    this.student = new Network(settings, settings.gates);
    this.optimizer = new Optimizer(this.student.parameters.trainable);
    this.batches = new Batches(settings.network);
    this.evaluator = new StockEvaluator(this.student, this.batches, settings.batch, settings.network.classes);
    this.sums = new StepSums(settings.batch);
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
    this.batches.setData(images);
  }

  setOrder(order: Uint32Array): void {
    this.batches.setOrder(order);
  }

  step(at: number, settings: StepSettings): void {
    this.check();
    checkStep(at, this.settings.batch, this.batches.length);
    const before = dispatchTotals().dispatches;
    this.forgetLastStep();
    tf.tidy(() => {
      const { student, teacher } = this;
      const { gradients, logits, losses, correct } = trainingStep(
        { student, teacher },
        this.batches,
        at,
        this.settings,
        settings,
      );
      this.sums.add(losses, settings.distillation?.weight ?? 0, correct);
      this.optimizer.apply(gradients, settings.optimizer, (parameter) =>
        parameter.role === 'alpha' ? (settings.maskLearningRate ?? settings.learningRate) : settings.learningRate,
      );
      if (!this.inspect) return;
      this.inspected = { gradients, logits };
      for (const tensor of [...gradients.values(), logits]) tf.keep(tensor);
    });
    this.dispatches = dispatchTotals().dispatches - before;
  }

  private forgetLastStep(): void {
    if (this.inspected) tf.dispose([...this.inspected.gradients.values(), this.inspected.logits]);
    this.inspected = null;
  }

  /** tfjs reads zeros from a device that has failed. @throws GpuError once it has */
  private check(): void {
    const failure = this.gpu.failure();
    if (failure) throw failure;
  }

  private async checked<T>(work: Promise<T>): Promise<T> {
    const result = await work;
    this.check();
    return result;
  }

  metrics(reset = true): Promise<StepMetrics> {
    return this.checked(this.sums.read(reset));
  }

  evaluate(...request: Parameters<StockEvaluator['evaluate']>): Promise<Evaluation> {
    return this.checked(this.evaluator.evaluate(...request));
  }

  logits(...request: Parameters<StockEvaluator['logits']>): Promise<Float32Array> {
    return this.checked(this.evaluator.logits(...request));
  }

  preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    return this.checked(this.evaluator.preActivations(site, indices));
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
    this.check();
    return Object.fromEntries(counts);
  }

  async settle(): Promise<void> {
    const { backend, device } = this.gpu;
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
    await device.queue.onSubmittedWorkDone();
    this.check();
  }

  dispose(): void {
    this.forgetLastStep();
    this.optimizer.clear();
    this.student.dispose();
    this.teacher?.dispose();
    this.sums.dispose();
  }
}
