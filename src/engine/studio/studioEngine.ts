/**
 * The studio's engine: a training step recorded once as a list of dispatches over fixed buffers and replayed, with every kernel ours.
 *
 * tfjs's WebGPU backend owns the device. After warm-up a step makes no buffer and no shader and reads nothing back: the host writes
 * one small uniform block and encodes the list. Loss, accuracy and penalties add up on the GPU until `metrics` asks.
 *
 * One pool of activations serves the training, evaluation, teacher and probe plans, which never run at the same time.
 */
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
import type { Gpu } from '../device.ts';
import { GpuError } from '../errors.ts';
import { GpuMemory, type Slice } from '../gpu/memory.ts';
import { PipelineCache, Recording, type ProfileRow } from '../gpu/recording.ts';
import { lossKernel } from '../kernels/loss.ts';
import { metricsKernel, TOTALS } from '../kernels/metrics.ts';
import { Dataset } from './dataset.ts';
import { Evaluator } from './evaluator.ts';
import { defaultTile } from './geometry.ts';
import { neutralHyper, softHyper, stepHyper } from './hyper.ts';
import { foldDispatch, placeNetwork } from './networkState.ts';
import { pad4 } from './parameters.ts';
import { TrainingPlan } from './planBackward.ts';
import { Submitter } from './submitter.ts';
import { addMaskCounts, addOptimizer } from './updatePlan.ts';
import { ForwardPlan, type NetworkState, type PlanContext, type TileChoice } from './planForward.ts';

const caches = new WeakMap<GPUDevice, PipelineCache>();
/** Pipelines outlive engines: a new phase with the same kernels compiles nothing. */
export function pipelineCacheOf(device: GPUDevice): PipelineCache {
  let cache = caches.get(device);
  if (!cache) caches.set(device, (cache = new PipelineCache(device)));
  return cache;
}

/** Subgroup size for broadcasts: where it is fixed and the GPU is a rasteriser in software; 0 elsewhere. */
export function broadcastLanes(gpu: Gpu): number {
  if (!gpu.software || !gpu.device.features.has('subgroups' as GPUFeatureName)) return 0;
  const { subgroupMinSize: low, subgroupMaxSize: high } = gpu.device.adapterInfo;
  return low !== undefined && low === high && low >= 4 && low <= 64 ? low : 0;
}

export interface StudioOptions {
  tiles?: TileChoice;
}

export class StudioEngine implements Engine {
  readonly micro: number;
  #memory: GpuMemory;
  #cache: PipelineCache;
  #state: NetworkState;
  #teacher: NetworkState | null = null;

  #train: Recording;
  #update: Recording;
  #counts: Recording;
  #teacherForward: Recording | null = null;
  #gatherTrain: Recording | null = null;

  #images: Slice;
  #labels: Slice;
  #samples: Slice;
  #totals: Slice;
  #maskCounts: { slice: Slice; sites: string[] };
  #evaluator: Evaluator;
  #submitter: Submitter;
  #logits: Slice;
  #teacherLogits: Slice | null = null;
  #order: Slice | null = null;
  #dataset: Dataset | null = null;
  #context: PlanContext;
  #updates = 0;
  #dispatches = 0;
  #perImage = 0;

  constructor(
    readonly gpu: Gpu,
    readonly settings: EngineSettings,
    options: StudioOptions = {},
  ) {
    const { network, gates, batch } = settings;
    this.micro = Math.min(settings.microBatch ?? batch, batch);
    if (batch % this.micro !== 0)
      throw new RangeError(`A batch of ${batch} cannot be cut into micro batches of ${this.micro}: choose a divisor.`);
    const lanes = broadcastLanes(gpu);
    const memory = (this.#memory = new GpuMemory(gpu.device));
    if (settings.f16 && !gpu.device.features.has('shader-f16'))
      throw new GpuError(
        'This GPU has no 16-bit arithmetic (shader-f16): switch "f16" off in the experiment\'s engine settings.',
      );
    const context = (this.#context = {
      memory,
      batch: this.micro,
      tiles: options.tiles ?? ((role, layer) => defaultTile(role, layer, lanes, gpu.software)),
      reduce: gpu.software ? 'thread' : 'workgroup',
      half: settings.f16 === true,
    });
    const cache = (this.#cache = pipelineCacheOf(gpu.device));
    const submitter = (this.#submitter = new Submitter(gpu, memory));
    const record = () => new Recording(memory, cache, submitter.hyper);
    try {
      this.#state = placeNetwork(
        memory,
        network,
        gates,
        this.micro,
        ['parameters', 'gradients', 'first', 'second'],
        'network',
      );
      const [channels, height, width] = network.inputShape;
      const before = memory.bytes;
      this.#images = memory.allocate(4 * this.micro * height * width * pad4(channels), 'batch');
      this.#labels = memory.allocate(4 * this.micro, 'batch labels');
      this.#samples = memory.allocate(16 * batch, 'samples');
      this.#totals = memory.allocate(4 * TOTALS, 'totals');
      const dlogits = memory.allocate(4 * this.micro * network.classes, 'gradient of the logits');
      if (settings.teacher) this.#teacherLogits = memory.allocate(4 * this.micro * network.classes, 'teacher logits');

      this.#train = record();
      const training = new TrainingPlan(context, this.#train, this.#state, this.#images);
      this.#logits = training.logits;
      training.forward('train');
      this.#addLoss(training.logits, dlogits);
      training.backward(dlogits);
      training.release();

      this.#update = record();
      const penalties = addOptimizer(memory, this.#update, this.#state);
      this.#update.add({
        label: 'metrics',
        kernel: metricsKernel,
        dims: { penaltyCount: penalties.count, evaluation: 0 },
        buffers: { samples: this.#samples, penalties: penalties.slice, totals: this.#totals },
        grid: [1, 1, 1],
      });

      this.#evaluator = new Evaluator(context, cache, this.#submitter, this.#state, {
        images: this.#images,
        labels: this.#labels,
        samples: this.#samples,
        penalties: penalties.slice,
      });
      this.#perImage = (memory.bytes - before) / this.micro;

      this.#counts = record();
      this.#maskCounts = addMaskCounts(memory, this.#counts, this.#state);
    } catch (error) {
      memory.dispose();
      throw error;
    }
  }

  #addLoss(logits: Slice, dlogits: Slice): void {
    const teacher = this.#teacherLogits;
    this.#train.add({
      label: 'loss',
      kernel: lossKernel(teacher !== null, true),
      dims: { batch: this.micro, classes: this.settings.network.classes },
      buffers: {
        logits,
        labels: this.#labels,
        samples: this.#samples,
        dlogits,
        ...(teacher ? { soft: teacher } : {}),
      },
      grid: [Math.ceil(this.micro / 64), 1, 1],
    });
  }

  /** Every recorded list, for profiles and tests. */
  recordings(): Recording[] {
    return [this.#train, this.#update, this.#evaluator.fold, this.#evaluator.forward, this.#counts];
  }

  get memory(): EngineMemory {
    return { bytes: this.#memory.bytes, perImage: this.#perImage, buffers: this.#memory.count };
  }

  get dispatches(): number {
    return this.#dispatches;
  }

  async compile(progress?: Progress): Promise<void> {
    const recordings = [
      this.#train,
      this.#update,
      this.#evaluator.forward,
      this.#evaluator.fold,
      this.#teacherForward,
      this.#gatherTrain,
      this.#counts,
    ].filter((recording) => recording !== null && recording.length > 0 && !recording.compiled) as Recording[];
    const kernels = new Set(recordings.flatMap((recording) => recording.specs.map((spec) => spec.kernel)));
    const unique = new Map([...kernels].map((kernel) => [kernel.key, kernel]));
    let done = 0;
    progress?.(0, unique.size);
    await Promise.all(
      [...unique.values()].map(async (kernel) => {
        await this.#cache.get(kernel);
        progress?.(++done, unique.size);
      }),
    );
    for (const recording of recordings) recording.compileNow();
    this.#submitter.check();
  }

  setWeights(weights: TensorMap): void {
    this.#state.parameters.write('parameters', weights);
    this.setOptimizerState(new Map());
  }

  weights(): Promise<TensorMap> {
    return this.#state.parameters.read('parameters');
  }

  gradients(): Promise<TensorMap> {
    return this.#state.parameters.read('gradients');
  }

  async trainingLogits(): Promise<Float32Array> {
    return new Float32Array(await this.#memory.read(this.#logits, 4 * this.micro * this.settings.network.classes));
  }

  async optimizerState(): Promise<TensorMap> {
    const state = new Map([
      ...(await this.#state.parameters.read('first', 'first/')),
      ...(await this.#state.parameters.read('second', 'second/')),
    ]);
    state.set('updates', { shape: [1], data: Float32Array.of(this.#updates) });
    return state;
  }

  setOptimizerState(state: TensorMap): void {
    this.#updates = state.get('updates')?.data[0] ?? 0;
    this.#state.parameters.write('first', state, 'first/');
    this.#state.parameters.write('second', state, 'second/');
  }

  setTeacher(weights: TensorMap, gates: GateMap): void {
    if (!this.#teacherLogits) throw new Error('This engine was made without a teacher: set settings.teacher.');
    if (this.#teacher) throw new Error('The teacher of an engine is set once.');
    const state = placeNetwork(this.#memory, this.settings.network, gates, this.micro, ['parameters'], 'teacher');
    state.parameters.write('parameters', weights);
    const recording = new Recording(this.#memory, this.#cache, this.#submitter.hyper);
    recording.add(foldDispatch(this.#memory, state).dispatch);
    const planner = new ForwardPlan(this.#context, recording, state, this.#images, this.#teacherLogits);
    planner.forward('evaluate');
    planner.release();
    this.#teacher = state;
    this.#teacherForward = recording;
  }

  setData(images: ImageSet): void {
    const { inputShape } = this.settings.network;
    if (images.shape.join() !== inputShape.join())
      throw new RangeError(`The images are ${images.shape.join('×')}; the network expects ${inputShape.join('×')}.`);
    this.#dataset?.dispose();
    this.#dataset = new Dataset(this.#memory, images);
    this.#gatherTrain?.dispose();
    if (this.#order) this.#memory.release(this.#order);
    this.#evaluator.setData(this.#dataset);
    this.#order = this.#memory.allocate(4 * (images.count + this.settings.batch), 'order');
    this.#gatherTrain = this.#gather(this.#order);
  }

  #gather(order: Slice): Recording {
    const recording = new Recording(this.#memory, this.#cache, this.#submitter.hyper);
    recording.add(this.#dataset!.gather(order, this.micro, this.#images, this.#labels));
    recording.compileNow();
    return recording;
  }

  setOrder(order: Uint32Array): void {
    if (!this.#dataset || !this.#order) throw new Error('Set the data before its order.');
    const count = this.#dataset.set.count;
    if (order.some((index) => index >= count))
      throw new RangeError(`The order names images beyond the ${count} of the data set.`);
    const bytes = 4 * (order.length + this.settings.batch);
    if (bytes > this.#order.size) {
      this.#gatherTrain?.dispose();
      this.#memory.release(this.#order);
      this.#order = this.#memory.allocate(bytes, 'order');
      this.#gatherTrain = this.#gather(this.#order);
    }
    this.gpu.device.queue.writeBuffer(this.#order.buffer, 0, order as Uint32Array<ArrayBuffer>);
  }

  step(at: number, settings: StepSettings): void {
    this.#submitter.check();
    if (!this.#gatherTrain) throw new Error('Set data and order before the first step.');
    if (settings.distillation && !this.#teacherForward)
      throw new Error('Distillation needs a teacher: call setTeacher first.');
    const { batch } = this.settings;
    const hyper = stepHyper(settings, batch, this.#updates);
    let dispatches = 0;
    for (let row = 0; row < batch; row += this.micro) {
      const micro = { ...hyper, at: at + row, row, accumulate: row > 0 ? 1 : 0 };
      const last = row + this.micro >= batch;
      if (settings.distillation) {
        // The teacher sees through hard gates whatever the student's are.
        this.#submitter.write({ ...micro, ...softHyper(null) });
        dispatches += this.#submitter.submit(this.#gatherTrain, this.#teacherForward!);
        this.#submitter.write(micro);
        dispatches += this.#submitter.submit(this.#train, ...(last ? [this.#update] : []));
      } else {
        this.#submitter.write(micro);
        dispatches += this.#submitter.submit(this.#gatherTrain, this.#train, ...(last ? [this.#update] : []));
      }
    }
    this.#updates++;
    this.#dispatches = dispatches;
  }

  async metrics(reset = true): Promise<StepMetrics> {
    const pending = this.#memory.read(this.#totals, 4 * TOTALS);
    // Queued behind the copy, so steps enqueued after this call start from zero.
    if (reset) this.gpu.device.queue.writeBuffer(this.#totals.buffer, 0, new Float32Array(TOTALS));
    const totals = new Float32Array(await pending);
    this.#submitter.check();
    const [steps, images, crossEntropy, distillation, penalty, right, broken] = totals;
    const mean = (sum: number) => (steps > 0 ? sum / steps : 0);
    return {
      steps,
      images,
      loss: mean(crossEntropy + distillation + penalty),
      crossEntropy: mean(crossEntropy),
      distillation: mean(distillation),
      penalty: mean(penalty),
      accuracy: images > 0 ? right / images : 0,
      finite: broken === 0,
    };
  }

  evaluate(...request: Parameters<Evaluator['evaluate']>): Promise<Evaluation> {
    return this.#evaluator.evaluate(...request);
  }

  logits(...request: Parameters<Evaluator['logits']>): Promise<Float32Array> {
    return this.#evaluator.logits(...request);
  }

  preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    return this.#evaluator.preActivations(site, indices);
  }

  async maskCounts(threshold: number): Promise<SiteIdMap<number>> {
    const { slice, sites } = this.#maskCounts;
    if (sites.length === 0) return {};
    this.#submitter.write({ ...neutralHyper(), threshold });
    this.#submitter.submit(this.#counts);
    const counts = new Uint32Array(await this.#memory.read(slice, 4 * sites.length));
    this.#submitter.check();
    return Object.fromEntries(sites.map((site, i) => [site, counts[i]]));
  }

  /** Where the time of one step goes, by GPU timestamps. */
  async profile(at: number, settings: StepSettings): Promise<ProfileRow[]> {
    this.#submitter.write({ ...stepHyper(settings, this.settings.batch, this.#updates), at });
    return [
      ...(await this.#gatherTrain!.profile()),
      ...(await this.#train.profile()),
      ...(await this.#update.profile()),
    ];
  }

  settle(): Promise<void> {
    return this.#submitter.settle();
  }

  dispose(): void {
    this.#memory.dispose();
  }
}
