/**
 * From a convolution layer and a tile to the dispatches that run it: kernel, shape numbers and grid of every variant. The step's plan,
 * the tuner and the tests use these functions, so that all of them mean the same kernels.
 */
import type { ConvLayer } from '../../domain/network.ts';
import { convKernel } from '../kernels/conv.ts';
import { convFilterGradientKernel, sumSlicesKernel } from '../kernels/convFilterGradient.ts';
import { convInputGradientKernel } from '../kernels/convInputGradient.ts';
import { convTiledKernel, STAGE_VECTORS, sumPartsKernel } from '../kernels/tiledConv.ts';
import { filterGradientTiledKernel } from '../kernels/tiledFilterGradient.ts';
import type { DirectTile, Tile, TiledTile, WinogradTile } from '../kernels/tile.ts';
import { POSITIONS, winogradFilterKernel, winogradInputKernel, winogradOutputKernel } from '../kernels/winograd.ts';
import type { Slice } from '../gpu/memory.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import {
  divide,
  filterSlices,
  filterThreads,
  linearGrid,
  pixelSlices,
  stageSplits,
  type ConvRole,
} from './geometry.ts';
import { pad4 } from './parameters.ts';

export const groupsOf = (shape: { channels: number }): number => pad4(shape.channels) / 4;

/** Multiplications and additions of one pass over a convolution: the same for all three. */
export const convFlops = (layer: ConvLayer, batch: number): number =>
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

/** Vectors of a layer's filter. */
export const filterVectors = (layer: ConvLayer): number =>
  layer.kernel ** 2 * 4 * groupsOf(layer.in) * groupsOf(layer.out);

/** Parts that the sums of a pass are cut into, and the vectors of one part; one part needs no partial sums. */
export function partsOf(
  role: ConvRole,
  layer: ConvLayer,
  batch: number,
  tile: Tile,
): { parts: number; vectors: number } {
  if (role === 'filter gradient') {
    const { slices } =
      tile.kind === 'tiled'
        ? pixelSlices(batch * layer.out.height * layer.out.width, tile.splits)
        : filterSlices(batch, layer);
    return { parts: slices, vectors: filterVectors(layer) };
  }
  const { outH, outW, in4, out4 } = sizes(layer, batch, role === 'input gradient');
  const vectors = batch * outH * outW * out4;
  if (tile.kind === 'winograd') return { parts: 1, vectors };
  // The four parities of a strided input gradient take the place of parts.
  if (tile.kind === 'direct' || (role === 'input gradient' && layer.stride === 2)) return { parts: 1, vectors };
  return { parts: stageSplits(layer.kernel ** 2 * in4, tile.splits).splits, vectors };
}

/** Tiles whose batch-norm sums a forward pass can leave behind; 0 where it cannot. */
export function statisticsTiles(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  half: boolean,
): { tiles: number; perTile: number } {
  if (tile.kind !== 'tiled' || half || partsOf('forward', layer, batch, tile).parts > 1)
    return { tiles: 0, perTile: 0 };
  return { tiles: divide(batch * layer.out.height * layer.out.width, tile.m), perTile: tile.m };
}

/** Whether Winograd's transform applies: 3×3, stride 1, forward and input gradient. */
export const winogradFits = (role: ConvRole, { kernel, stride }: ConvLayer): boolean =>
  role !== 'filter gradient' && kernel === 3 && stride === 1;

/** Tiles of a pass through Winograd's transform, and vectors of its filters, pixels and products. */
function winogradVectors(role: 'forward' | 'input gradient', layer: ConvLayer, batch: number) {
  const { outH, outW, in4, out4 } = sizes(layer, batch, role === 'input gradient');
  const tiles = batch * divide(outH, 2) * divide(outW, 2);
  return { tiles, vectors: [4 * in4 * out4, tiles * in4, tiles * out4].map((count) => POSITIONS * count) };
}

/**
 * Vectors of each scratch buffer that a pass needs: partial sums, or the filters, pixels and products of Winograd's transform. They are buffers of
 * their own, because WebGPU lets no dispatch read one part of a buffer and write another.
 */
export function scratchVectors(role: ConvRole, layer: ConvLayer, batch: number, tile: Tile): number[] {
  if (tile.kind === 'winograd' && role !== 'filter gradient') return winogradVectors(role, layer, batch).vectors;
  const { parts, vectors } = partsOf(role, layer, batch, tile);
  return parts > 1 ? [parts * vectors] : [];
}

interface PassBuffers {
  x: Slice;
  w: Slice;
  y: Slice;
  skip?: Slice;
  /** As many and as long as scratchVectors says. */
  scratch?: readonly Slice[];
  /** Forward: statisticsTiles · TILE_KINDS · out4 vectors of batch-norm sums, where they are wanted. */
  statistics?: Slice;
}

interface Pass {
  label: string;
  layer: ConvLayer;
  batch: number;
  role: 'forward' | 'input gradient';
  accumulate: number;
  half: boolean;
  buffers: PassBuffers;
}

function requireScratch(scratch: readonly Slice[] | undefined, count: number, label: string): readonly Slice[] {
  if (scratch?.length !== count) throw new Error(`${label} needs ${count} scratch buffers.`);
  return scratch;
}

function tiledPass({ label, layer, batch, role, accumulate, half, buffers }: Pass, tile: TiledTile): DispatchSpec[] {
  const { kernel, stride } = layer;
  const transposed = role === 'input gradient';
  const shape = sizes(layer, batch, transposed);
  const { parts, vectors } = partsOf(role, layer, batch, tile);
  const { perSplit } = stageSplits(kernel ** 2 * shape.in4, tile.splits);
  const parities = transposed && stride === 2;
  const pixels = parities ? divide(shape.outH, 2) * divide(shape.outW, 2) : shape.outH * shape.outW;
  const { x, w, y, skip, scratch, statistics } = buffers;
  const split = parts > 1;
  const spec: DispatchSpec = {
    label,
    kernel: convTiledKernel({
      kernel,
      stride,
      transposed,
      skip: !split && !!skip,
      half,
      m: tile.m,
      n: tile.n,
      split,
      statistics: !!statistics,
    }),
    dims: { ...shape, accumulate: split ? 0 : accumulate, perSplit },
    buffers: {
      x,
      w,
      ...(skip && !split ? { skip } : {}),
      y: split ? requireScratch(scratch, 1, label)[0] : y,
      ...(statistics ? { statistics } : {}),
    },
    grid: [divide(batch * pixels, tile.m), divide(4 * shape.out4, tile.n), parities ? 4 : parts],
    flops: convFlops(layer, batch),
    tile: {
      m: tile.m,
      n: tile.n,
      depth: parities
        ? kernel ** 2 * shape.in4
        : 4 * STAGE_VECTORS * Math.min(perSplit, divide(kernel ** 2 * shape.in4, STAGE_VECTORS)),
    },
  };
  if (!split) return [spec];
  return [
    spec,
    {
      label: `${label}, sum of parts`,
      kernel: sumPartsKernel(!!skip),
      dims: { length: vectors, parts, accumulate },
      buffers: { partial: requireScratch(scratch, 1, label)[0], ...(skip ? { skip } : {}), y },
      grid: linearGrid(divide(vectors, 64)),
    },
  ];
}

function winogradPass(
  { label, layer, batch, role, accumulate, buffers }: Pass,
  { product }: WinogradTile,
): DispatchSpec[] {
  const transposed = role === 'input gradient';
  const shape = sizes(layer, batch, transposed);
  const { in4, out4 } = shape;
  const { tiles } = winogradVectors(role, layer, batch);
  const { x, w, y, skip } = buffers;
  const [U, V, M] = requireScratch(buffers.scratch, 3, label);
  const image = {
    batch,
    height: shape.outH,
    width: shape.outW,
    tilesY: divide(shape.outH, 2),
    tilesX: divide(shape.outW, 2),
  };
  const line = { batch: 1, inH: 1, inW: tiles, outH: 1, outW: tiles, in4, out4, accumulate: 0 };
  const plain = { kernel: 1, stride: 1, transposed: false, skip: false, half: false, positions: true } as const;
  const flops = 2 * POSITIONS * tiles * 16 * in4 * out4;
  const name = `${label}, products`;
  return [
    {
      label: `${label}, filters`,
      kernel: winogradFilterKernel(transposed),
      dims: { in4: groupsOf(layer.in), out4: groupsOf(layer.out) },
      buffers: { w, u: U },
      grid: linearGrid(divide(4 * in4 * out4, 64)),
    },
    {
      label: `${label}, pixels`,
      kernel: winogradInputKernel,
      dims: { ...image, c4: in4 },
      buffers: { x, v: V },
      grid: linearGrid(divide(tiles * in4, 64)),
    },
    product.kind === 'tiled'
      ? {
          label: name,
          kernel: convTiledKernel({ ...plain, m: product.m, n: product.n, split: false }),
          dims: { ...line, perSplit: 0 },
          buffers: { x: V, w: U, y: M },
          grid: [divide(tiles, product.m), divide(4 * out4, product.n), POSITIONS],
          flops,
          tile: { m: product.m, n: product.n, depth: 4 * in4 },
        }
      : {
          label: name,
          kernel: convKernel({ ...plain, exact: tiles % product.pixels === 0, tile: product }),
          dims: { ...line, strips: divide(tiles, product.pixels) },
          buffers: { x: V, w: U, y: M },
          grid: [divide(divide(tiles, product.pixels), 64), divide(out4, product.groups), POSITIONS],
          flops,
        },
    {
      label: `${label}, results`,
      kernel: winogradOutputKernel(!!skip),
      dims: { ...image, c4: out4, out4, accumulate },
      buffers: { products: M, ...(skip ? { skip } : {}), y },
      grid: linearGrid(divide(tiles * out4, 64)),
    },
  ];
}

function directPass({ label, layer, batch, role, accumulate, half, buffers }: Pass, tile: DirectTile): DispatchSpec[] {
  const { kernel, stride } = layer;
  const transposed = role === 'input gradient';
  const shape = sizes(layer, batch, transposed);
  const { x, w, y, skip } = buffers;
  const bound: Record<string, Slice> = { x, w, y, ...(skip ? { skip } : {}) };
  const flops = convFlops(layer, batch);
  const columns = divide(shape.out4, tile.groups);
  if (transposed && stride === 2) {
    const blocks = divide(layer.in.height, 2);
    const strips = divide(divide(layer.in.width, 2), tile.pixels);
    return [
      {
        label,
        kernel: convInputGradientKernel(kernel, tile),
        dims: { ...shape, strips, blocks, accumulate },
        buffers: bound,
        grid: [divide(batch * blocks * strips, 64), columns, 1],
        flops,
      },
    ];
  }
  const strips = divide(shape.outW, tile.pixels);
  const exact = isExact(shape, tile.pixels, stride);
  return [
    {
      label,
      kernel: convKernel({ kernel, stride, transposed, skip: !!skip, half, exact, tile }),
      dims: { ...shape, strips, accumulate },
      buffers: bound,
      grid: [divide(batch * shape.outH * strips, 64), columns, 1],
      flops,
    },
  ];
}

function passWith(pass: Pass, tile: Tile): DispatchSpec[] {
  if (tile.kind === 'tiled') return tiledPass(pass, tile);
  return tile.kind === 'direct' ? directPass(pass, tile) : winogradPass(pass, tile);
}

/** @param half products in 16 bits, where the device has shader-f16 */
export function forwardDispatches(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  buffers: PassBuffers,
  half = false,
): DispatchSpec[] {
  const pass: Pass = { label: `${layer.name} forward`, layer, batch, role: 'forward', accumulate: 0, half, buffers };
  return passWith(pass, tile);
}

/** @param accumulate 1: adds to what dx holds */
export function inputGradientDispatches(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  accumulate: number,
  { dy, w, dx, scratch }: { dy: Slice; w: Slice; dx: Slice; scratch?: readonly Slice[] },
): DispatchSpec[] {
  const label = `${layer.name} input gradient`;
  const buffers = { x: dy, w, y: dx, scratch };
  const pass: Pass = { label, layer, batch, role: 'input gradient', accumulate, half: false, buffers };
  return passWith(pass, tile);
}

/** Adds to dw where hyper.accumulate says so. */
export function filterGradientDispatches(
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  { x, dy, dw, scratch }: { x: Slice; dy: Slice; dw: Slice; scratch?: readonly Slice[] },
): DispatchSpec[] {
  const { kernel, stride } = layer;
  const label = `${layer.name} filter gradient`;
  const shape = sizes(layer, batch, false);
  const { parts, vectors } = partsOf('filter gradient', layer, batch, tile);
  const direct = parts === 1 ? 1 : 0;
  const shared = {
    label,
    buffers: { x, dy, partial: direct ? dw : requireScratch(scratch, 1, label)[0] },
    flops: convFlops(layer, batch),
  };
  const specs: DispatchSpec[] = [];
  if (tile.kind === 'winograd') throw new Error('Filter gradients have no Winograd variant.');
  if (tile.kind === 'tiled') {
    const { perSlice } = pixelSlices(batch * shape.outH * shape.outW, tile.splits);
    specs.push({
      ...shared,
      kernel: filterGradientTiledKernel(kernel, stride, tile),
      dims: { ...shape, perSlice, direct },
      tile: { m: tile.m, n: tile.n, depth: perSlice },
      grid: [divide(4 * kernel ** 2 * shape.in4, tile.m), divide(4 * shape.out4, tile.n), parts],
    });
  } else {
    const threads = filterThreads(tile.lanes);
    const exact = isExact(shape, tile.pixels, stride);
    specs.push({
      ...shared,
      kernel: convFilterGradientKernel({ kernel, stride, tile, threads, exact }),
      dims: { ...shape, rows: filterSlices(batch, layer).rows, direct },
      grid: [divide(kernel * shape.in4, threads), divide(shape.out4, tile.groups), parts],
    });
  }
  if (!direct) {
    const { kernel: sum, vectors: perWorkgroup } = sumSlicesKernel(
      parts,
      tile.kind === 'tiled' ? 'hardware' : 'software',
    );
    specs.push({
      label: `${label}, sum of slices`,
      kernel: sum,
      dims: { length: vectors, slices: parts },
      buffers: { partial: requireScratch(scratch, 1, label)[0], gradient: dw },
      grid: linearGrid(divide(vectors, perWorkgroup)),
    });
  }
  return specs;
}
