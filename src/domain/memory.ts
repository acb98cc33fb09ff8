/**
 * GPU memory that a training step of the studio engine needs, from the layer list, before the first step. float32 throughout,
 * channels padded to whole vectors of four.
 *
 *   fixed       4 B · 4 · (weights + gate parameters) + 4 B · running statistics        value, gradient and Adam's two moments
 *               + 4 B · (weights, statistics and gates) of the teacher, where there is one
 *   per image   4 B · (input + Σ raw output of every convolution + Σ output of every site)         kept for backward
 *               + 4 B · 3 · largest of these                                                        gradients in flight
 *               + 4 B · 3 · largest again where a teacher runs (its activations are not kept)
 *   scratch     4 · largest slice buffer of a filter gradient: 4 B · weights of the layer · slices, slices so many that a layer
 *               takes at most 12.6 MB and a slice has at least eight rows
 *   data set    1 B · pixels, resident on the GPU
 *
 * Batch norm's backward needs the raw convolution output, the next convolution's filter gradient the site's output; z itself is
 * computed again from the raw output. Beside the engine's own count: 3 % over at m = 64 with 64 images, up to 25 % at m = 8.
 */
import { maskEntriesOf } from './counting.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap } from './gateMap.ts';
import { layersOf, parametersOf, sitesOf } from './network.ts';
import type { NetworkSpec, TensorShape } from './network.ts';

const FLOAT = 4;
const VECTOR = 4;
const PARAMETER_COPIES = 4;
const GRADIENTS_IN_FLIGHT = 3;
const TEACHER_IN_FLIGHT = 3;
/** Buffers of about the same size that the pool ends up with, and the largest that one layer asks for. */
const SLICE_BUFFERS = 4;
const MOST_SLICE_BYTES = 3 * 2 ** 22;
const ROWS_A_SLICE = 8;

export interface MemoryOptions {
  teacher: boolean;
  /** Images resident on the GPU. */
  images: number;
}

export interface Memory {
  /** Bytes whatever the batch. */
  fixed: number;
  /** Bytes for each image of the (micro) batch. */
  perImage: number;
  /** Bytes of scratch for each image, up to `mostScratch`. */
  scratchPerImage: number;
  mostScratch: number;
  /** Bytes an image takes in the largest single activation buffer; bound by maxStorageBufferBindingSize. */
  largestPerImage: number;
}

const padded = (channels: number) => Math.ceil(channels / VECTOR) * VECTOR;
const elements = (shape: TensorShape) => padded(shape.channels) * shape.height * shape.width;
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
  const [channels, height, width] = spec.inputShape;
  const input = elements({ channels, height, width });
  const layers = layersOf(spec);
  const activations = layers.flatMap((layer) =>
    layer.kind === 'conv' ? [elements(layer.out)] : layer.kind === 'site' ? [elements(layer.shape)] : [],
  );
  const largest = Math.max(input, ...activations);
  const inFlight = GRADIENTS_IN_FLIGHT + (options.teacher ? TEACHER_IN_FLIGHT : 0);
  const slices = layers.map((layer) =>
    layer.kind === 'conv'
      ? FLOAT *
        padded(layer.in.channels) *
        padded(layer.out.channels) *
        layer.kernel ** 2 *
        (layer.out.height / ROWS_A_SLICE)
      : 0,
  );
  const kept = input + activations.reduce((a, b) => a + b, 0);
  return {
    fixed:
      FLOAT * (PARAMETER_COPIES * (weights + gated) + running + (options.teacher ? weights + running + gated : 0)) +
      options.images * channels * height * width,
    perImage: FLOAT * (kept + inFlight * largest),
    scratchPerImage: SLICE_BUFFERS * Math.max(...slices),
    mostScratch: SLICE_BUFFERS * MOST_SLICE_BYTES,
    largestPerImage: FLOAT * largest,
  };
}

/** Bytes in all for a batch. */
export const bytesFor = (memory: Memory, batch: number): number =>
  memory.fixed + batch * memory.perImage + Math.min(batch * memory.scratchPerImage, memory.mostScratch);

/**
 * The largest batch that fits `budget` bytes in all with no buffer over `bufferLimit`; 0 where not even one image does.
 * Larger batches are run in parts whose gradients accumulate.
 */
export function largestBatch(memory: Memory, limits: { budget: number; bufferLimit: number }): number {
  const { fixed, perImage, scratchPerImage, mostScratch } = memory;
  const left = limits.budget - fixed;
  // fixed + B·p + min(B·s, M) ≤ budget, that is one of the two holds.
  const byMemory = Math.max(
    Math.floor(left / (perImage + scratchPerImage)),
    Math.floor((left - mostScratch) / perImage),
  );
  return Math.max(0, Math.min(byMemory, Math.floor(limits.bufferLimit / memory.largestPerImage)));
}
