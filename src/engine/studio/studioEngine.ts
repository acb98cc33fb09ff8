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
import { HYPER_BYTES, packHyper, type HyperValues } from '../gpu/kernel.ts';
import { GpuMemory, type Slice } from '../gpu/memory.ts';
import { PipelineCache, Recording, type ProfileRow } from '../gpu/recording.ts';
import { lossKernel } from '../kernels/loss.ts';
import { maskCountKernel, metricsKernel, TOTALS } from '../kernels/metrics.ts';
import { BLOCK_KIND, optimizerKernel } from '../kernels/optimizer.ts';
import { Dataset } from './dataset.ts';
import { defaultTile, linearGrid } from './geometry.ts';
import { neutralHyper, softHyper, stepHyper } from './hyper.ts';
import { foldDispatch, placeNetwork } from './networkState.ts';
import { pad4 } from './parameters.ts';
import { TrainingPlan } from './planBackward.ts';
import { ForwardPlan, type NetworkState, type PlanContext, type TileChoice } from './planForward.ts';

/** A long submit on a software rasteriser looks like a hang to the browser: lists are cut at about so many operations. */
const SOFTWARE_SUBMIT_FLOPS = 4e9;

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
  #hyper: Slice;
  #state: NetworkState;
  #teacher: NetworkState | null = null;

  #train: Recording;
  #update: Recording;
  #fold: Recording;
  #evaluate: Recording;
  #counts: Recording;
  #teacherForward: Recording | null = null;
  #gatherTrain: Recording | null = null;
  #gatherEvaluate: Recording | null = null;

  #images: Slice;
  #labels: Slice;
  #samples: Slice;
  #totals: Slice;
  #evaluationTotals: Slice;
  #maskCounts: Slice;
  #logits: Slice;
  #evaluationLogits: Slice;
  #teacherLogits: Slice | null = null;
  #order: Slice | null = null;
  #evaluationOrder: Slice | null = null;
  #dataset: Dataset | null = null;
  #maskSites: string[] = [];
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
    const hyper = (this.#hyper = memory.allocate(
      HYPER_BYTES,
      'hyper',
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    ));
    const record = () => new Recording(memory, cache, hyper);
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
      this.#evaluationTotals = memory.allocate(4 * TOTALS, 'evaluation totals');
      const dlogits = memory.allocate(4 * this.micro * network.classes, 'gradient of the logits');
      if (settings.teacher) this.#teacherLogits = memory.allocate(4 * this.micro * network.classes, 'teacher logits');

      this.#train = record();
      const training = new TrainingPlan(context, this.#train, this.#state, this.#images);
      this.#logits = training.logits;
      training.forward('train');
      this.#addLoss(this.#train, training.logits, dlogits);
      training.backward(dlogits);
      training.release();

      this.#update = record();
      const penalties = this.#addOptimizer();
      this.#update.add({
        label: 'metrics',
        kernel: metricsKernel,
        dims: { penaltyCount: penalties.count, evaluation: 0 },
        buffers: { samples: this.#samples, penalties: penalties.slice, totals: this.#totals },
        grid: [1, 1, 1],
      });

      this.#fold = record();
      this.#fold.add(foldDispatch(memory, this.#state).dispatch);
      this.#evaluate = record();
      const evaluation = new ForwardPlan(context, this.#evaluate, this.#state, this.#images);
      this.#evaluationLogits = evaluation.logits;
      evaluation.forward('evaluate');
      evaluation.release();
      this.#addLoss(this.#evaluate, evaluation.logits, null);
      this.#evaluate.add({
        label: 'metrics',
        kernel: metricsKernel,
        dims: { penaltyCount: 0, evaluation: 1 },
        buffers: { samples: this.#samples, penalties: penalties.slice, totals: this.#evaluationTotals },
        grid: [1, 1, 1],
      });
      this.#perImage = (memory.bytes - before) / this.micro;

      this.#counts = record();
      this.#maskCounts = this.#addMaskCounts();
    } catch (error) {
      memory.dispose();
      throw error;
    }
  }

  #addLoss(recording: Recording, logits: Slice, dlogits: Slice | null): void {
    const teacher = dlogits ? this.#teacherLogits : null;
    const { classes } = this.settings.network;
    recording.add({
      label: 'loss',
      kernel: lossKernel(teacher !== null, dlogits !== null),
      dims: { batch: this.micro, classes },
      buffers: {
        logits,
        labels: this.#labels,
        samples: this.#samples,
        ...(teacher ? { soft: teacher } : {}),
        ...(dlogits ? { dlogits } : {}),
      },
      grid: [Math.ceil(this.micro / 64), 1, 1],
    });
  }

  /** One dispatch an arena; the mask blocks' penalties lie side by side, 64 a block. */
  #addOptimizer(): { slice: Slice; count: number } {
    const { parameters } = this.#state;
    const arenas = ['small' as const, ...parameters.layout.large.keys()];
    const kindsOf = arenas.map((arena) => parameters.blockKinds(arena));
    const masksOf = kindsOf.map((kinds) => kinds.filter((kind) => (kind & 255) === BLOCK_KIND.mask).length);
    const count = 64 * masksOf.reduce((sum, masks) => sum + masks, 0);
    const slice = this.#memory.allocate(4 * Math.max(1, count), 'penalties');
    let first = 0;
    arenas.forEach((arena, i) => {
      const kinds = this.#memory.allocate(4 * kindsOf[i].length, 'block kinds');
      this.gpu.device.queue.writeBuffer(kinds.buffer, 0, kindsOf[i]);
      const of = (kind: 'parameters' | 'gradients' | 'first' | 'second') =>
        arena === 'small' ? parameters.small.get(kind)! : parameters.large.get(kind)![arena];
      this.#update.add({
        label: `optimizer ${arena}`,
        kernel: optimizerKernel,
        dims: { blocks: kindsOf[i].length, firstPenalty: first },
        buffers: {
          kinds,
          gradients: of('gradients'),
          parameters: of('parameters'),
          first: of('first'),
          second: of('second'),
          penalties: slice,
        },
        grid: linearGrid(kindsOf[i].length),
      });
      first += 64 * masksOf[i];
    });
    return { slice, count };
  }

  #addMaskCounts(): Slice {
    const regions = [...this.#state.parameters.layout.regions.values()].filter(
      (region) => region.kind === BLOCK_KIND.mask,
    );
    const counts = this.#memory.allocate(4 * Math.max(1, regions.length), 'mask counts');
    regions.forEach((region, slot) => {
      const site = region.name.slice(0, -'.alpha'.length);
      this.#maskSites.push(site);
      this.#counts.add({
        label: `${site} mask count`,
        kernel: maskCountKernel,
        dims: { vectors: region.length / 4, slot },
        buffers: { alpha: this.#state.parameters.slice('parameters', region.name), counts },
        grid: [1, 1, 1],
      });
    });
    return counts;
  }

  /** Every recorded list, for profiles and tests. */
  recordings(): Recording[] {
    return [this.#train, this.#update, this.#fold, this.#evaluate, this.#counts];
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
      this.#evaluate,
      this.#fold,
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
    this.#check();
  }

  #check(): void {
    const failure = this.gpu.failure();
    if (failure) throw failure;
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
    const recording = new Recording(this.#memory, this.#cache, this.#hyper);
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
    this.#dropOrders();
    // Evaluations walk any list of indices; room for the whole set and the last batch's padding.
    this.#evaluationOrder = this.#memory.allocate(4 * (images.count + this.micro), 'evaluation order');
    this.#gatherEvaluate = this.#gather(this.#evaluationOrder);
    this.#order = this.#memory.allocate(4 * (images.count + this.settings.batch), 'order');
    this.#gatherTrain = this.#gather(this.#order);
  }

  #gather(order: Slice): Recording {
    const recording = new Recording(this.#memory, this.#cache, this.#hyper);
    recording.add(this.#dataset!.gather(order, this.micro, this.#images, this.#labels));
    recording.compileNow();
    return recording;
  }

  #dropOrders(): void {
    this.#gatherTrain?.dispose();
    this.#gatherEvaluate?.dispose();
    for (const slice of [this.#order, this.#evaluationOrder]) if (slice) this.#memory.release(slice);
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

  #write(hyper: HyperValues): void {
    this.gpu.device.queue.writeBuffer(this.#hyper.buffer, 0, packHyper(hyper));
  }

  /** Submits recordings in order; on software GPUs in pieces that the browser's watchdog accepts. */
  #submit(...recordings: Recording[]): number {
    const { device } = this.gpu;
    let encoder = device.createCommandEncoder();
    let pass = encoder.beginComputePass();
    let work = 0;
    let count = 0;
    for (const recording of recordings) {
      if (!recording.compiled) recording.compileNow();
      count += recording.length;
      if (!this.gpu.software) {
        recording.encode(pass);
        continue;
      }
      recording.specs.forEach((spec, i) => {
        recording.encode(pass, i, i + 1);
        work += spec.flops ?? 0;
        if (work < SOFTWARE_SUBMIT_FLOPS) return;
        pass.end();
        device.queue.submit([encoder.finish()]);
        encoder = device.createCommandEncoder();
        pass = encoder.beginComputePass();
        work = 0;
      });
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    return count;
  }

  step(at: number, settings: StepSettings): void {
    this.#check();
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
        this.#write({ ...micro, ...softHyper(null) });
        dispatches += this.#submit(this.#gatherTrain, this.#teacherForward!);
        this.#write(micro);
        dispatches += this.#submit(this.#train, ...(last ? [this.#update] : []));
      } else {
        this.#write(micro);
        dispatches += this.#submit(this.#gatherTrain, this.#train, ...(last ? [this.#update] : []));
      }
    }
    this.#updates++;
    this.#dispatches = dispatches;
  }

  async metrics(reset = true): Promise<StepMetrics> {
    const totals = await this.#readTotals(this.#totals, reset);
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

  async #readTotals(slice: Slice, reset: boolean): Promise<Float32Array> {
    const pending = this.#memory.read(slice, 4 * TOTALS);
    // Queued behind the copy, so steps enqueued after this call start from zero.
    if (reset) this.gpu.device.queue.writeBuffer(slice.buffer, 0, new Float32Array(TOTALS));
    const totals = new Float32Array(await pending);
    this.#check();
    return totals;
  }

  /** Runs evaluation batches; `each` is called after a batch is enqueued. */
  async #batches(
    indices: Uint32Array,
    soft: StepSettings['soft'],
    recording: Recording,
    each: (first: number, count: number) => Promise<void>,
  ): Promise<void> {
    if (!this.#gatherEvaluate || !this.#dataset) throw new Error('Set data before evaluating.');
    this.#check();
    const room = this.#evaluationOrder!.size / 4 - this.micro;
    for (let start = 0; start < indices.length; start += room) {
      const part = indices.subarray(start, Math.min(indices.length, start + room));
      this.gpu.device.queue.writeBuffer(this.#evaluationOrder!.buffer, 0, part as Uint32Array<ArrayBuffer>);
      for (let at = 0; at < part.length; at += this.micro) {
        const images = Math.min(this.micro, part.length - at);
        this.#write({ ...neutralHyper(), ...softHyper(soft), at, images });
        this.#submit(this.#gatherEvaluate, ...(at === 0 && start === 0 ? [this.#fold] : []), recording);
        await each(start + at, images);
      }
    }
  }

  async evaluate(
    indices: Uint32Array,
    options: { soft?: StepSettings['soft']; onProgress?: Progress; signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    this.gpu.device.queue.writeBuffer(this.#evaluationTotals.buffer, 0, new Float32Array(TOTALS));
    let done = 0;
    let enqueued = 0;
    await this.#batches(indices, options.soft ?? null, this.#evaluate, async (_, count) => {
      done += count;
      options.signal?.throwIfAborted();
      // A few batches in flight: the thread stays free and a stop takes effect soon.
      if (++enqueued % 4 === 0) await this.settle();
      options.onProgress?.(done, indices.length);
    });
    const [, images, crossEntropy, , , right] = await this.#readTotals(this.#evaluationTotals, true);
    return { images, loss: images > 0 ? crossEntropy / images : 0, accuracy: images > 0 ? right / images : 0 };
  }

  async logits(indices: Uint32Array, options: { soft?: StepSettings['soft'] } = {}): Promise<Float32Array> {
    const { classes } = this.settings.network;
    const result = new Float32Array(indices.length * classes);
    await this.#batches(indices, options.soft ?? null, this.#evaluate, async (first, count) => {
      result.set(
        new Float32Array(await this.#memory.read(this.#evaluationLogits, 4 * count * classes)),
        first * classes,
      );
    });
    return result;
  }

  async maskCounts(threshold: number): Promise<SiteIdMap<number>> {
    if (this.#maskSites.length === 0) return {};
    this.#write({ ...neutralHyper(), threshold });
    this.#submit(this.#counts);
    const counts = new Uint32Array(await this.#memory.read(this.#maskCounts, 4 * this.#maskSites.length));
    this.#check();
    return Object.fromEntries(this.#maskSites.map((site, i) => [site, counts[i]]));
  }

  async preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const plan = this.#state.plan.sites.get(site);
    if (!plan) throw new RangeError(`${site} is not a gate site of this network.`);
    const { channels, height, width } = plan.layer.shape;
    const recording = new Recording(this.#memory, this.#cache, this.#hyper);
    const planner = new ForwardPlan(this.#context, recording, this.#state, this.#images);
    const z = planner.forward('evaluate', site)!;
    planner.release();
    this.#memory.giveBack(planner.logits);
    await recording.compile();
    const positions = height * width;
    const padded = pad4(channels);
    const data = new Float32Array(indices.length * channels * positions);
    await this.#batches(indices, null, recording, async (first, count) => {
      const values = new Float32Array(await this.#memory.read(z, 4 * count * positions * padded));
      for (let n = 0; n < count; n++)
        for (let p = 0; p < positions; p++)
          for (let c = 0; c < channels; c++)
            data[((first + n) * channels + c) * positions + p] = values[(n * positions + p) * padded + c];
    });
    this.#memory.giveBack(z);
    recording.dispose();
    return { shape: [indices.length, channels, height, width], data };
  }

  /** Where the time of one step goes, by GPU timestamps. */
  async profile(at: number, settings: StepSettings): Promise<ProfileRow[]> {
    this.#write({ ...stepHyper(settings, this.settings.batch, this.#updates), at });
    return [
      ...(await this.#gatherTrain!.profile()),
      ...(await this.#train.profile()),
      ...(await this.#update.profile()),
    ];
  }

  async settle(): Promise<void> {
    await this.gpu.device.queue.onSubmittedWorkDone();
    this.#check();
  }

  dispose(): void {
    this.#memory.dispose();
  }
}
