/**
 * GPU memory that a training step needs, from the layer list, before the first step. float32 throughout.
 *
 *   fixed       4 B · (2 + moments) · (weights + gate parameters) + 4 B · running statistics     moments: SGD 1, Adam 2
 *               + 4 B · (weights, statistics and gates) of the teacher, where there is one
 *   per image   4 B · (input + Σ raw output of every convolution + Σ output of every site)        kept for backward
 *               + 4 B · 4 · largest of these                                                       gradients in flight
 *               + 4 B · 3 · largest site again where a teacher runs (its activations are not kept)
 *   data set    1 B · pixels, resident on the GPU
 *
 * Batch norm's backward needs the raw convolution output, the next convolution's filter gradient the site's output; z itself is
 * computed again from the raw output. Partial sums and tuning buffers are not counted (a few MB).
 *
 * Public: memoryOf(spec, gates, options) → Memory; bytesFor(memory, batch); largestBatch(memory, limits).
 */
import { maskEntriesOf } from './counting.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap } from './gateMap.ts';
import { layersOf, parametersOf, sitesOf } from './network.ts';
import type { NetworkSpec, TensorShape } from './network.ts';

const FLOAT = 4;
const GRADIENTS_IN_FLIGHT = 4;
const TEACHER_IN_FLIGHT = 3;

export interface MemoryOptions {
  /** Adam keeps two moments, SGD one. Masks are trained with Adam. */
  optimizer: 'sgd' | 'adam';
  teacher: boolean;
  /** Images resident on the GPU. */
  images: number;
}

export interface Memory {
  /** Bytes whatever the batch. */
  fixed: number;
  /** Bytes for each image of the (micro) batch. */
  perImage: number;
  /** Bytes an image takes in the largest single activation buffer; bound by maxStorageBufferBindingSize. */
  largestPerImage: number;
}

const elements = (shape: TensorShape) => shape.channels * shape.height * shape.width;
const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** Trained numbers in the gates: every α, and scale and shift of trained share sites. */
export function gateParameterCount(spec: NetworkSpec, gates: GateMap): number {
  return sitesOf(spec).reduce((sum, site) => {
    const gate = gateOf(gates, site.id);
    const affine = gate.kind === 'share' && gate.affine === 'trained' ? 2 * site.shape[0] : 0;
    return sum + maskEntriesOf(site, gate) + affine;
  }, 0);
}

export function memoryOf(spec: NetworkSpec, gates: GateMap, options: MemoryOptions): Memory {
  const parameters = parametersOf(spec);
  const size = (running: boolean) =>
    parameters
      .filter(({ role }) => role.startsWith('running') === running)
      .reduce((sum, { shape }) => sum + product(shape), 0);
  const gated = gateParameterCount(spec, gates);
  const weights = size(false);
  const running = size(true);
  const copies = 2 + (options.optimizer === 'adam' ? 2 : 1);
  const [channels, height, width] = spec.inputShape;
  const input = channels * height * width;
  const activations = layersOf(spec).flatMap((layer) =>
    layer.kind === 'conv' ? [elements(layer.out)] : layer.kind === 'site' ? [elements(layer.shape)] : [],
  );
  const largest = Math.max(input, ...activations);
  const inFlight = GRADIENTS_IN_FLIGHT + (options.teacher ? TEACHER_IN_FLIGHT : 0);
  const kept = input + activations.reduce((a, b) => a + b, 0);
  return {
    fixed:
      FLOAT * (copies * (weights + gated) + running + (options.teacher ? weights + running + gated : 0)) +
      options.images * input,
    perImage: FLOAT * (kept + inFlight * largest),
    largestPerImage: FLOAT * largest,
  };
}

/** Bytes in all for a batch. */
export const bytesFor = (memory: Memory, batch: number): number => memory.fixed + batch * memory.perImage;

/**
 * The largest batch that fits `budget` bytes in all with no buffer over `bufferLimit`; 0 where not even one image does.
 * Larger batches are run in parts whose gradients accumulate.
 */
export function largestBatch(memory: Memory, limits: { budget: number; bufferLimit: number }): number {
  const byMemory = Math.floor((limits.budget - memory.fixed) / memory.perImage);
  return Math.max(0, Math.min(byMemory, Math.floor(limits.bufferLimit / memory.largestPerImage)));
}
