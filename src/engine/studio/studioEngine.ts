/**
 * The studio's engine: a training step recorded once as a list of dispatches over fixed buffers and replayed, with every kernel ours.
 *
 * tfjs's WebGPU backend owns the device. After warm-up a step makes no buffer and no shader and reads nothing back: the host writes
 * one small uniform block and encodes the list. This class holds the parts together: the network's place on the GPU, the training step,
 * evaluation, mask counts, and the data that they walk through.
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
import { checkImages, checkStep } from '../checks.ts';
import type { Gpu } from '../device.ts';
import { GpuError } from '../errors.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { pipelineCacheOf, type PipelineCache } from '../gpu/pipelines.ts';
import { Recording, type DispatchSpec, type ProfileRow } from '../gpu/recording.ts';
import { Dataset } from './dataset.ts';
import { broadcastLanes, defaultTile } from './defaultTiles.ts';
import { Evaluator } from './evaluator.ts';
import { MaskCounter } from './maskCounter.ts';
import { placeNetwork } from './networkState.ts';
import { OrderedImages } from './orderedImages.ts';
import type { NetworkState, PlanContext, TileChoice } from './planForward.ts';
import { Submitter } from './submitter.ts';
import { TrainingStep } from './trainingStep.ts';

export interface StudioOptions {
  tiles?: TileChoice;
}

export class StudioEngine implements Engine {
  readonly #memory: GpuMemory;
  readonly #cache: PipelineCache;
  readonly #submitter: Submitter;
  readonly #context: PlanContext;
  readonly #state: NetworkState;
  readonly #step: TrainingStep;
  readonly #evaluator: Evaluator;
  readonly #maskCounter: MaskCounter;
  #dataset: Dataset | null = null;
  #images: OrderedImages | null = null;
  #updates = 0;
  #dispatches = 0;
  #perImage = 0;

  /** @throws GpuError where the network and batch do not fit the GPU, RangeError where gates or micro batch do not fit. */
  constructor(
    readonly gpu: Gpu,
    readonly settings: EngineSettings,
    options: StudioOptions = {},
  ) {
    const { network, gates, batch } = settings;
    const micro = Math.min(settings.microBatch ?? batch, batch);
    if (batch % micro !== 0)
      throw new RangeError(`A batch of ${batch} cannot be cut into micro batches of ${micro}: choose a divisor.`);
    if (settings.f16 && !gpu.device.features.has('shader-f16'))
      throw new GpuError(
        'This GPU has no 16-bit arithmetic (shader-f16): switch "f16" off in the experiment\'s engine settings.',
      );
    const lanes = broadcastLanes(gpu);
    const memory = (this.#memory = new GpuMemory(gpu.device));
    const cache = (this.#cache = pipelineCacheOf(gpu.device));
    const submitter = (this.#submitter = new Submitter(gpu, memory));
    const context: PlanContext = (this.#context = {
      memory,
      batch: micro,
      tiles: options.tiles ?? ((role, layer, at) => defaultTile(gpu.kernels, lanes, role, layer, at)),
      reduce: gpu.kernels === 'software' ? 'thread' : 'workgroup',
      half: settings.f16 === true,
      record: () => new Recording(memory, cache, submitter.hyper),
    });
    try {
      const kinds = ['parameters', 'gradients', 'first', 'second'] as const;
      this.#state = placeNetwork(memory, network, gates, micro, kinds, 'network');
      const before = memory.bytes;
      this.#step = new TrainingStep(context, submitter, this.#state, settings);
      this.#evaluator = new Evaluator(context, submitter, this.#state, this.#step.buffers);
      this.#perImage = (memory.bytes - before) / micro;
      this.#maskCounter = new MaskCounter(context, submitter, this.#state);
    } catch (error) {
      memory.dispose();
      throw error;
    }
  }

  get memory(): EngineMemory {
    return { bytes: this.#memory.bytes, perImage: this.#perImage, buffers: this.#memory.count };
  }

  get dispatches(): number {
    return this.#dispatches;
  }

  async compile(progress?: Progress): Promise<void> {
    const recordings = [
      ...this.#step.recordings,
      this.#evaluator.forward,
      this.#evaluator.fold,
      this.#maskCounter.recording,
    ].filter((recording) => recording.length > 0 && !recording.compiled);
    const kernels = recordings.flatMap((recording) => recording.specs.map(({ kernel }) => kernel));
    const unique = new Map(kernels.map((kernel) => [kernel.key, kernel]));
    let done = 0;
    progress?.(0, unique.size);
    const compiled = [...unique.values()].map(async (kernel) => {
      await this.#cache.get(kernel);
      progress?.(++done, unique.size);
    });
    await this.#submitter.guard(Promise.all(compiled));
    for (const recording of recordings) recording.compileNow();
    this.#submitter.check();
  }

  setWeights(weights: TensorMap): void {
    this.#state.parameters.write('parameters', weights);
    this.setOptimizerState(new Map());
  }

  weights(): Promise<TensorMap> {
    return this.#submitter.guard(this.#state.parameters.read('parameters'));
  }

  gradients(): Promise<TensorMap> {
    return this.#submitter.guard(this.#state.parameters.read('gradients'));
  }

  trainingLogits(): Promise<Float32Array> {
    return this.#step.logits();
  }

  async optimizerState(): Promise<TensorMap> {
    const { parameters } = this.#state;
    const first = await this.#submitter.guard(parameters.read('first', 'first/'));
    const second = await this.#submitter.guard(parameters.read('second', 'second/'));
    const updates = { shape: [1], data: Float32Array.of(this.#updates) };
    return new Map([...first, ...second, ['updates', updates]]);
  }

  setOptimizerState(state: TensorMap): void {
    this.#updates = state.get('updates')?.data[0] ?? 0;
    this.#state.parameters.write('first', state, 'first/');
    this.#state.parameters.write('second', state, 'second/');
  }

  setTeacher(weights: TensorMap, gates: GateMap): void {
    this.#step.setTeacher(weights, gates);
  }

  setData(images: ImageSet): void {
    checkImages(images, this.settings.network);
    this.#images?.release();
    this.#dataset?.dispose();
    this.#images = this.#dataset = null;
    this.#dataset = new Dataset(this.#memory, images);
    this.#evaluator.setData(this.#dataset);
    this.#images = new OrderedImages(this.#context, this.#dataset, this.#step.buffers);
  }

  #ordered(): OrderedImages {
    if (!this.#images) throw new Error('The engine has no data set: call setData first.');
    return this.#images;
  }

  setOrder(order: Uint32Array): void {
    this.#ordered().write(order);
  }

  step(at: number, settings: StepSettings): void {
    this.#submitter.check();
    const images = this.#ordered();
    checkStep(at, this.settings.batch, images.length);
    this.#dispatches = this.#step.run(images, at, settings, this.#updates);
    this.#updates++;
  }

  metrics(reset = true): Promise<StepMetrics> {
    return this.#step.metrics(reset);
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

  maskCounts(threshold: number): Promise<SiteIdMap<number>> {
    return this.#maskCounter.count(threshold);
  }

  /** Where the time of one step goes, by GPU timestamps. */
  profile(at: number, settings: StepSettings): Promise<ProfileRow[]> {
    return this.#step.profile(this.#ordered(), at, settings, this.#updates);
  }

  /** The dispatches of a step behind the batch's gathering: forward, loss, backward, optimizer. */
  get plannedStep(): readonly DispatchSpec[] {
    return this.#step.recordings.flatMap(({ specs }) => specs);
  }

  settle(): Promise<void> {
    return this.#submitter.settle();
  }

  dispose(): void {
    this.#memory.dispose();
  }
}
