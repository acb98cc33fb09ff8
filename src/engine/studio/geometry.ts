/**
 * How work is cut into workgroups. Slices and groups follow from shapes alone, because they decide the order of summation; only
 * register tiles are tuned.
 */
import type { ConvLayer } from '../../domain/network.ts';
import { ALONG, type Reduce } from '../kernels/partialSums.ts';
import { STAGE_VECTORS } from '../kernels/tiledConv.ts';
import { STAGE_PIXELS } from '../kernels/tiledFilterGradient.ts';
import { pad4 } from './parameters.ts';

export const divide = (a: number, b: number): number => Math.ceil(a / b);
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** WebGPU allows 65,535 workgroups along an axis: a long line of them is folded into rows. */
export function linearGrid(workgroups: number): [number, number, number] {
  const across = 32768;
  return workgroups <= across ? [Math.max(1, workgroups), 1, 1] : [across, divide(workgroups, across), 1];
}

/** Rows of positions per workgroup and number of workgroups for batch-norm statistics. */
export function statisticsGroups(positions: number, reduce: Reduce): { rows: number; groups: number } {
  const wanted = clamp(
    divide(positions, ALONG * (reduce === 'workgroup' ? 8 : 64)),
    1,
    reduce === 'workgroup' ? 512 : 16,
  );
  const rows = divide(positions, wanted);
  return { rows, groups: divide(positions, rows) };
}

/** Slices of the batch in a site's backward: enough threads to fill a GPU where the layer is small; on a CPU one is enough. */
export function batchSlices(
  batch: number,
  range4: number,
  positions: number,
  reduce: Reduce,
): { perSlice: number; slices: number } {
  const wanted = reduce === 'thread' ? 1 : clamp(Math.round(65536 / (range4 * positions)), 1, divide(batch, 4));
  const perSlice = divide(batch, wanted);
  return { perSlice, slices: divide(batch, perSlice) };
}

/** Slices of rows in a direct filter gradient: about 64 K threads of four output channels each, at least eight rows a slice. */
export function filterSlices(batch: number, layer: ConvLayer): { rows: number; slices: number } {
  const total = batch * layer.out.height;
  const threads = (layer.kernel * pad4(layer.in.channels) * pad4(layer.out.channels)) / 16;
  const wanted = clamp(Math.round(65536 / threads), 1, divide(total, 8));
  const rows = divide(total, wanted);
  return { rows, slices: divide(total, rows) };
}

/** Pixels per slice of a tiled filter gradient, whole stages; `wanted` slices at most. */
export function pixelSlices(pixels: number, wanted: number): { perSlice: number; slices: number } {
  const perSlice = STAGE_PIXELS * divide(pixels, STAGE_PIXELS * Math.max(1, wanted));
  return { perSlice, slices: divide(pixels, perSlice) };
}

/** Stages a part of a tiled convolution's sum over `vectors`; `wanted` parts at most. */
export function stageSplits(vectors: number, wanted: number): { perSplit: number; splits: number } {
  const stages = divide(vectors, STAGE_VECTORS);
  const perSplit = divide(stages, Math.max(1, wanted));
  return { perSplit, splits: divide(stages, perSplit) };
}

export type ConvRole = 'forward' | 'input gradient' | 'filter gradient';

/** Threads per workgroup of a filter gradient, over the combos (ky, ci / 4): one subgroup where lanes share, else a warp. */
export const filterThreads = (lanes: number): number => lanes || 32;
