/**
 * A deterministic engine without a GPU, for tests of the code that uses engines. Each parameter moves by a hash of everything
 * that may influence a real step (order of the images, seed of the crops, settings of the step, its own value and moments), so that
 * a resumed run that loses any of it gets another result. Masks fall under λ as under Adam.
 */
import type { SiteIdMap } from '../domain/gateMap.ts';
import { parametersOf, sitesOf } from '../domain/network.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import type {
  Engine,
  EngineSettings,
  Evaluation,
  HostTensor,
  ImageSet,
  Progress,
  StepMetrics,
  StepSettings,
  TensorMap,
} from '../engine/api.ts';

const sizeOf = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

function mixed(...values: number[]): number {
  const floats = new Float32Array(values);
  const words = new Uint32Array(floats.buffer);
  let h = 0x9e3779b9;
  for (const word of words) {
    h = Math.imul(h ^ word, 0x85ebca6b);
    h = (h ^ (h >>> 13)) >>> 0;
  }
  return h / 2 ** 32;
}

const copy = (map: TensorMap): TensorMap =>
  new Map([...map].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

export interface FakeFaults {
  /** The loss is NaN from this step of the engine on. */
  divergesAt?: number;
  /** Throws as a lost device does at this step. */
  lostAt?: number;
}

export class FakeEngine implements Engine {
  readonly memory = { bytes: 1024, perImage: 64, buffers: 4 };
  readonly dispatches = 1;
  disposed = false;
  #weights: TensorMap = new Map();
  #moments: TensorMap = new Map();
  #teacher = 0;
  #order = new Uint32Array();
  #sums: StepMetrics = {
    steps: 0,
    images: 0,
    loss: 0,
    crossEntropy: 0,
    distillation: 0,
    penalty: 0,
    accuracy: 0,
    finite: true,
  };
  #steps = 0;

  constructor(
    readonly settings: EngineSettings,
    private readonly faults: FakeFaults = {},
  ) {
    this.setWeights(new Map());
  }

  compile(progress?: Progress): Promise<void> {
    progress?.(1, 1);
    return Promise.resolve();
  }

  setWeights(weights: TensorMap): void {
    const { network, gates } = this.settings;
    this.#weights = new Map();
    for (const { name, shape } of parametersOf(network))
      this.#weights.set(name, { shape, data: weights.get(name)?.data.slice() ?? new Float32Array(sizeOf(shape)) });
    for (const { name, shape, initial } of gateParametersOf(network, gates))
      this.#weights.set(name, {
        shape,
        data: weights.get(name)?.data.slice() ?? new Float32Array(sizeOf(shape)).fill(initial),
      });
    this.#moments = new Map(
      [...this.#weights].map(([name, { shape }]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
    );
  }

  weights(): Promise<TensorMap> {
    return Promise.resolve(copy(this.#weights));
  }
  gradients(): Promise<TensorMap> {
    return Promise.resolve(copy(this.#moments));
  }
  trainingLogits(): Promise<Float32Array> {
    return Promise.resolve(new Float32Array());
  }
  optimizerState(): Promise<TensorMap> {
    return Promise.resolve(copy(this.#moments));
  }
  setOptimizerState(state: TensorMap): void {
    this.#moments = copy(state);
  }
  setTeacher(weights: TensorMap): void {
    this.#teacher = mixed(...[...weights.values()].map(({ data }) => data[0] ?? 0));
  }
  setData(_: ImageSet): void {}
  setOrder(order: Uint32Array): void {
    this.#order = order.slice();
  }

  step(at: number, settings: StepSettings): void {
    this.#steps++;
    if (this.faults.lostAt === this.#steps) throw Object.assign(new Error('The GPU was lost.'), { name: 'GpuError' });
    const { batch } = this.settings;
    if (at + batch > this.#order.length) throw new RangeError('past the order');
    const images = mixed(...this.#order.subarray(at, at + batch), at);
    const numbers = mixed(
      settings.learningRate,
      settings.lambda,
      settings.augment?.seed ?? 0,
      settings.soft?.slope ?? 0,
      settings.soft?.mix ?? -1,
      settings.distillation ? this.#teacher : -1,
    );
    for (const [name, { data }] of this.#weights) {
      const moment = this.#moments.get(name)!.data;
      const isMask = name.endsWith('.alpha');
      if (isMask && !settings.trainMasks) continue;
      // A few values per tensor are enough to show a difference. Masks are counted, so all of them move.
      const moved = isMask ? data.length : Math.min(4, data.length);
      for (let i = 0; i < moved; i++) {
        const draw = mixed(images, numbers, data[i], i) - 0.5;
        moment[i] = Math.fround(0.9 * moment[i] + draw);
        if (isMask) data[i] -= (settings.maskLearningRate ?? settings.learningRate) * (0.5 + mixed(i, settings.lambda));
        else data[i] -= settings.learningRate * 0.01 * moment[i];
      }
    }
    const loss = this.faults.divergesAt !== undefined && this.#steps >= this.faults.divergesAt ? NaN : 1 + images;
    const sums = this.#sums;
    sums.steps++;
    sums.images += batch;
    sums.loss += loss;
    sums.crossEntropy += loss;
    sums.accuracy += Math.floor(images * batch);
    sums.finite &&= Number.isFinite(loss);
  }

  metrics(reset = true): Promise<StepMetrics> {
    const { steps, images, loss, crossEntropy, accuracy, finite } = this.#sums;
    const per = Math.max(1, steps);
    const result = {
      steps,
      images,
      loss: loss / per,
      crossEntropy: crossEntropy / per,
      distillation: 0,
      penalty: 0,
      accuracy: accuracy / Math.max(1, images),
      finite,
    };
    if (reset)
      this.#sums = {
        steps: 0,
        images: 0,
        loss: 0,
        crossEntropy: 0,
        distillation: 0,
        penalty: 0,
        accuracy: 0,
        finite: true,
      };
    return Promise.resolve(result);
  }

  async evaluate(
    indices: Uint32Array,
    options: { soft?: StepSettings['soft']; signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    await Promise.resolve();
    options.signal?.throwIfAborted();
    const state = mixed(...[...this.#weights.values()].map(({ data }) => data[0] ?? 0), options.soft?.slope ?? 0);
    const images = indices.length;
    return { images, loss: 2 - state, accuracy: Math.floor(state * images) / images };
  }

  logits(indices: Uint32Array): Promise<Float32Array> {
    return Promise.resolve(new Float32Array(indices.length * this.settings.network.classes));
  }

  maskCounts(threshold: number): Promise<SiteIdMap<number>> {
    const counts: SiteIdMap<number> = {};
    for (const [name, { data }] of this.#weights)
      if (name.endsWith('.alpha'))
        counts[name.slice(0, -'.alpha'.length)] = data.reduce((sum, value) => sum + (value > threshold ? 1 : 0), 0);
    return Promise.resolve(counts);
  }

  preActivations(site: string, indices: Uint32Array): Promise<HostTensor> {
    const { shape } = sitesOf(this.settings.network).find(({ id }) => id === site)!;
    const whole = [indices.length, ...shape];
    return Promise.resolve({
      shape: whole,
      data: Float32Array.from({ length: sizeOf(whole) }, (_, i) => mixed(i, indices[0]) - 0.5),
    });
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }
  dispose(): void {
    this.disposed = true;
  }
}
