/**
 * From a convolution layer and a tile to the dispatch that runs it: kernel, shape numbers and grid of every variant. What lays out a
 * step, what tunes and what tests go through here, so that they mean the same kernels.
 */
import type { ConvLayer } from '../../domain/network.ts';
import { convKernel } from '../kernels/conv.ts';
import { convFilterGradientKernel } from '../kernels/convFilterGradient.ts';
import { convInputGradientKernel } from '../kernels/convInputGradient.ts';
import { convTiledKernel, TILED_GROUPS, TILED_PIXELS } from '../kernels/convTiled.ts';
import { filterGradientTiledKernel } from '../kernels/filterGradientTiled.ts';
import type { Tile } from '../kernels/tile.ts';
import type { Slice } from '../gpu/memory.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import { divide, filterSlices, filterThreads } from './geometry.ts';
import { pad4 } from './parameters.ts';

export const groupsOf = (shape: { channels: number }): number => pad4(shape.channels) / 4;

/** Multiplications and additions of one pass over a convolution: the same for all three. */
const flopsOf = (layer: ConvLayer, batch: number): number =>
  2 * batch * layer.out.height * layer.out.width * layer.out.channels * layer.in.channels * layer.kernel ** 2;

function sizes(layer: ConvLayer, batch: number, backward: boolean) {
  const [input, output] = backward ? [layer.out, layer.in] : [layer.in, layer.out];
  return {
    batch,
    inH: input.height,
    inW: input.width,
    outH: output.height,
    outW: output.width,
    in4: groupsOf(input),
    out4: groupsOf(output),
  };
}

const isExact = ({ inW, outW }: { inW: number; outW: number }, pixels: number, stride: number): boolean =>
  outW % pixels === 0 && inW === stride * outW;

/** Forward, and the input gradient of stride 1: one kernel family, two directions. */
function correlate(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  transposed: boolean,
  accumulate: number,
  buffers: Record<string, Slice>,
  half = false,
): Omit<DispatchSpec, 'label'> {
  const { kernel, stride } = layer;
  const dims = { ...sizes(layer, batch, transposed), accumulate };
  const skip = 'skip' in buffers;
  const flops = flopsOf(layer, batch);
  if (tile.kind === 'tiled') {
    return {
      kernel: convTiledKernel({ kernel, stride, transposed, skip, half }),
      dims,
      buffers,
      grid: [divide(batch * dims.outH * dims.outW, TILED_PIXELS), divide(dims.out4, TILED_GROUPS), 1],
      flops,
    };
  }
  const strips = divide(dims.outW, tile.pixels);
  return {
    kernel: convKernel({
      kernel,
      stride,
      transposed,
      skip,
      half,
      exact: isExact(dims, tile.pixels, transposed ? 1 : stride),
      tile,
    }),
    dims: { ...dims, strips },
    buffers,
    grid: [divide(batch * dims.outH * strips, 64), divide(dims.out4, tile.groups), 1],
    flops,
  };
}

/** @param half products in 16 bits, where the device has shader-f16 */
export function forwardDispatch(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  buffers: { x: Slice; w: Slice; y: Slice; skip?: Slice },
  half = false,
): DispatchSpec {
  return { label: `${layer.name} forward`, ...correlate(layer, batch, tile, false, 0, buffers, half) };
}

/** @param accumulate 1: adds to what dx holds */
export function inputGradientDispatch(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  accumulate: number,
  { dy, w, dx }: { dy: Slice; w: Slice; dx: Slice },
): DispatchSpec {
  const label = `${layer.name} input gradient`;
  const buffers = { x: dy, w, y: dx };
  if (layer.stride === 1) return { label, ...correlate(layer, batch, tile, true, accumulate, buffers) };
  if (tile.kind === 'tiled') throw new Error('The input gradient of stride 2 has no variant in workgroup memory.');
  const blocks = divide(layer.in.height, 2);
  const strips = divide(divide(layer.in.width, 2), tile.pixels);
  return {
    label,
    kernel: convInputGradientKernel(layer.kernel, tile),
    dims: { ...sizes(layer, batch, true), strips, blocks, accumulate },
    buffers,
    grid: [divide(batch * blocks * strips, 64), divide(groupsOf(layer.in), tile.groups), 1],
    flops: flopsOf(layer, batch),
  };
}

/** Vectors of a filter gradient, and the slices whose partial sums lie one after the other. */
export function filterGradientSize(layer: ConvLayer, batch: number): { length: number; slices: number } {
  return {
    length: layer.kernel ** 2 * 4 * groupsOf(layer.in) * groupsOf(layer.out),
    slices: filterSlices(batch, layer).slices,
  };
}

/** Writes partial sums, or with a single slice the gradient itself. */
export function filterGradientDispatch(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  buffers: { x: Slice; dy: Slice; partial: Slice },
): DispatchSpec {
  const { kernel, stride } = layer;
  const { rows, slices } = filterSlices(batch, layer);
  const shape = sizes(layer, batch, false);
  const dims = { ...shape, rows, direct: slices > 1 ? 0 : 1 };
  const shared = { label: `${layer.name} filter gradient`, dims, buffers, flops: flopsOf(layer, batch) };
  if (tile.kind === 'tiled') {
    return {
      ...shared,
      kernel: filterGradientTiledKernel(kernel, stride),
      grid: [kernel ** 2 * divide(shape.in4, TILED_GROUPS), divide(shape.out4, TILED_GROUPS), slices],
    };
  }
  const threads = filterThreads(tile.lanes);
  return {
    ...shared,
    kernel: convFilterGradientKernel({ kernel, stride, tile, threads, exact: isExact(shape, tile.pixels, stride) }),
    grid: [divide(kernel * shape.in4, threads), divide(shape.out4, tile.groups), slices],
  };
}
