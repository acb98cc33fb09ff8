/**
 * What training asks of an engine. Two implementations: `studio` (our kernels, a recorded step) and `stock` (tfjs's own ops,
 * the oracle of tests and the baseline of benchmarks). Neither knows a method's name: it sees a network, a gate map and numbers.
 *
 * Nothing here blocks: `step` only enqueues; numbers come back through `metrics`, a few times a second.
 */
import type { GateMap, SiteIdMap } from '../domain/gateMap.ts';
import type { NetworkSpec } from '../domain/network.ts';

/** Host tensors by name, PyTorch names and layouts (design: formats), float32. */
export interface HostTensor {
  shape: number[];
  data: Float32Array;
}
export type TensorMap = Map<string, HostTensor>;

/** Labelled images: uint8, N × 3 × H × W (CIFAR's own order), resident on the GPU as bytes. */
export interface ImageSet {
  images: Uint8Array;
  labels: Uint8Array | Uint16Array;
  count: number;
  /** (channels, height, width) */
  shape: [number, number, number];
  mean: number[];
  std: number[];
}

export interface EngineSettings {
  network: NetworkSpec;
  gates: GateMap;
  /** Images per step. */
  batch: number;
  /** Images per forward pass, at most `batch`; the rest accumulates. */
  microBatch?: number;
  /** True: a frozen copy of a network in evaluation mode gives soft targets (setTeacher). */
  teacher?: boolean;
  f16?: boolean;
  /** True: the engine will take no training steps, so that only forward kernels are tuned. */
  evaluationOnly?: boolean;
}

/** Numbers of one step; all may change from step to step without compiling anything. */
export interface StepSettings {
  optimizer:
    | { kind: 'sgd'; momentum: number; weightDecay: number }
    /** betas default to (0.9, 0.999), epsilon to 1e-8: PyTorch's. */
    | { kind: 'adam'; weightDecay: number; betas?: [number, number]; epsilon?: number };
  learningRate: number;
  /** Rate of alpha; defaults to learningRate. */
  maskLearningRate?: number;
  /** λ of λ·Σ|α|, over every alpha in the gate map. */
  lambda: number;
  /** False: alpha is frozen (binarised masks). */
  trainMasks: boolean;
  /** False: scale and shift of share gates are frozen. */
  trainAffine: boolean;
  distillation: { temperature: number; weight: number } | null;
  /** How relu and share gates see z: d = (1 − mix)·Φ(slope·z) + mix·1[z > 0]. null: the step. Mask gates are always hard. */
  soft: { slope: number; mix: number } | null;
  augment: { cropPadding: number; flip: boolean; seed: number } | null;
}

/** Sums since the last reset; divide by `images` (loss: by steps, it is already a batch mean). */
export interface StepMetrics {
  steps: number;
  images: number;
  /** Means over the steps of the whole loss and its terms: cross entropy, weighted distillation, λ·Σ|α|. */
  loss: number;
  crossEntropy: number;
  distillation: number;
  penalty: number;
  /** Share of images classified right, training mode, augmented. */
  accuracy: number;
  finite: boolean;
}

export interface Evaluation {
  images: number;
  loss: number;
  accuracy: number;
}

export interface EngineMemory {
  /** Bytes of GPU buffers held by this engine, data set included. */
  bytes: number;
  /** Bytes that grow with each image of the micro batch. */
  perImage: number;
  buffers: number;
}

export type Progress = (done: number, total: number) => void;

/** Where tuned tiles are kept between sessions: one JSON text. */
export interface TuningStore {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

export interface Engine {
  readonly settings: EngineSettings;
  readonly memory: EngineMemory;
  /** Identifies kernel tiles that were chosen by measuring; absent where they are the defaults. */
  readonly tiles?: string;
  /** GPU dispatches of the last training step (optimizer included). */
  readonly dispatches: number;
  /** Compiles what the first step and evaluation need; `progress` counts shaders. */
  compile(progress?: Progress): Promise<void>;

  /** Sets weights, batch-norm buffers and gate parameters by name; missing gate parameters start at alpha 1, scale 1, shift 0. Clears optimizer state. */
  setWeights(weights: TensorMap): void;
  weights(): Promise<TensorMap>;
  /** Gradients of the last step before the optimizer, for tests; alpha's includes λ·sign(α). */
  gradients(): Promise<TensorMap>;
  /** Logits of the last step's training-mode forward (batch statistics, before the update), batch × classes; for tests. */
  trainingLogits(): Promise<Float32Array>;
  /** Momentum or Adam moments and step count, to resume bit for bit. */
  optimizerState(): Promise<TensorMap>;
  setOptimizerState(state: TensorMap): void;
  /** The frozen network that distillation asks; its own gate map. */
  setTeacher(weights: TensorMap, gates: GateMap): void;

  /**
   * Puts a data set on the GPU (bytes); stays until replaced. An order that was set for another is forgotten.
   * @throws ImagesError where the shape or a label is none of the network's; GpuError where the images do not fit the GPU
   */
  setData(images: ImageSet): void;
  /** Uploads the order of image indices that steps walk through. @throws ImagesError naming an index beyond the data set */
  setOrder(order: Uint32Array): void;
  /**
   * One training step on images order[at .. at + batch). The augmentation of an image depends on (augment.seed, position in
   * the order) alone, so that a resumed run draws the same crops.
   * @throws ImagesError where the order is shorter; GpuError once the device has failed
   */
  step(at: number, settings: StepSettings): void;
  /** Reads the sums and, unless told not to, sets them to zero. Waits for the GPU without blocking the thread. */
  metrics(reset?: boolean): Promise<StepMetrics>;
  /**
   * Evaluation mode (running statistics, no augmentation) over the given image indices; soft as in StepSettings.
   * This and every other read ends with a GpuError once the device has failed.
   */
  evaluate(
    indices: Uint32Array,
    options?: { soft?: StepSettings['soft']; onProgress?: Progress; signal?: AbortSignal },
  ): Promise<Evaluation>;
  /** Logits in evaluation mode, indices.length × classes, row-major. */
  logits(indices: Uint32Array, options?: { soft?: StepSettings['soft'] }): Promise<Float32Array>;
  /** Number of α > threshold (of channels, where there is one α a channel), per site that has alpha. Small readback of counts, not of masks. */
  maskCounts(threshold: number): Promise<SiteIdMap<number>>;
  /** Pre-activations z of one site in evaluation mode for the given images: (N, C, H, W). For analysis, small N. */
  preActivations(site: string, indices: Uint32Array): Promise<HostTensor>;
  /** Waits until everything enqueued is done. */
  settle(): Promise<void>;
  dispose(): void;
}
