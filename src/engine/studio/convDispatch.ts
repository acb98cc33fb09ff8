/**
 * From a convolution layer and a tile to the dispatches that run it: kernel, shape numbers and grid of every variant. The step's plan,
 * the tuner and the tests use these functions, so that all of them mean the same kernels.
 */
import type { ConvLayer } from '../../domain/network.ts';
import { convKernel } from '../kernels/conv.ts';
import { convFilterGradientKernel, sumSlicesKernel } from '../kernels/convFilterGradient.ts';
import { convInputGradientKernel } from '../kernels/convInputGradient.ts';
import { sumPartsKernel } from '../kernels/sumParts.ts';
import { convTiledKernel, STAGE_VECTORS } from '../kernels/tiledConv.ts';
import { filterGradientTiledKernel } from '../kernels/tiledFilterGradient.ts';
import type { DirectTile, Tile, TiledTile } from '../kernels/tile.ts';
import type { Slice } from '../gpu/memory.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import { requireScratch, type Pass, type PassBuffers } from './convPass.ts';
import { convFlops, convSizes, isExact, partsOf } from './convSizes.ts';
import { divide, filterSlices, filterThreads, linearGrid, pixelSlices, stageSplits } from './geometry.ts';
import { winogradPass } from './winogradDispatch.ts';

function tiledPass({ label, layer, batch, role, accumulate, half, buffers }: Pass, tile: TiledTile): DispatchSpec[] {
  const { kernel, stride } = layer;
  const transposed = role === 'input gradient';
  const shape = convSizes(layer, batch, transposed);
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

function directPass({ label, layer, batch, role, accumulate, half, buffers }: Pass, tile: DirectTile): DispatchSpec[] {
  const { kernel, stride } = layer;
  const transposed = role === 'input gradient';
  const shape = convSizes(layer, batch, transposed);
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
  const shape = convSizes(layer, batch, false);
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
