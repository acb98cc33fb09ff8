/**
 * Predicted time of a dispatch on a described GPU, from compute, memory and launch limits. The engine chooses tiles with it where
 * nothing was measured, and `npm run shaders` prints it.
 *
 *   time = launch + max(compute, memory, cache) + a quarter of the other two, which overlap imperfectly
 *   compute   rounds of workgroups over the multiprocessors, at the rate that the tile's instruction mix and the resident threads allow
 *   memory    every byte that the dispatch must read or write, once
 *   cache     operands that workgroups load again, from the second-level cache
 *
 * The constants are estimates. Only a measurement on the GPU is evidence; the model ranks candidates before there is one.
 */
import type { ConvLayer } from '../../domain/network.ts';
import { tiledShape, type TiledTile } from '../kernels/tile.ts';
import { POSITIONS } from '../kernels/winograd.ts';
import { partsOf } from './convSizes.ts';
import { divide, type ConvRole } from './geometry.ts';
import { trafficOf, type DispatchSpec } from '../gpu/recording.ts';
import { pad4 } from './parameters.ts';

export interface GpuDescription {
  name: string;
  multiprocessors: number;
  /** float32 operations a second, a multiply-add counted as two. */
  flops: number;
  /** Bytes a second. */
  bandwidth: number;
  cacheBandwidth: number;
  /** Seconds from the end of one dispatch to the start of the next. */
  launch: number;
}

export const DESCRIBED_GPUS: readonly GpuDescription[] = [
  {
    name: 'large discrete card (96 compute units, RDNA 3)',
    multiprocessors: 96,
    flops: 28e12,
    bandwidth: 0.96e12,
    cacheBandwidth: 3.5e12,
    launch: 5e-6,
  },
  {
    name: "laptop's integrated GPU (12 compute units, RDNA 3)",
    multiprocessors: 12,
    flops: 4.1e12,
    bandwidth: 0.09e12,
    cacheBandwidth: 0.5e12,
    launch: 7e-6,
  },
  {
    name: 'H200 (132 multiprocessors)',
    multiprocessors: 132,
    flops: 60e12,
    bandwidth: 4.5e12,
    cacheBandwidth: 9e12,
    launch: 4e-6,
  },
];

/** Threads that a multiprocessor needs to hide its latencies, and those it can hold with these kernels' registers. */
const BUSY_THREADS = 256;
const RESIDENT_THREADS = 384;

/** Share of the shorter limits that the longest does not hide. */
const UNHIDDEN = 0.25;

/** Share of the multiply-add rate that a tile reaches: workgroup memory loads and fetching beside the multiply-adds. */
export function tileEfficiency(tile: { m: number; n: number }): number {
  const { m, n, tm, tn, threads } = tiledShape(tile);
  // For each thread and stage of eight: multiply-adds, 16-byte loads (lanes share about half of them), and instructions around fetches.
  const products = 8 * tm * tn;
  const loads = 2 * (tm + tn) * 8 * 0.5;
  const fetches = (12 * 2 * (m + n)) / threads;
  return products / (products + loads + fetches);
}

/** Share of a GPU's multiprocessors' threads that a dispatch keeps busy at its start: 1 where all have BUSY_THREADS. */
export const fillOf = (workgroups: number, threads: number, gpu: GpuDescription): number =>
  Math.min(1, (workgroups * threads) / (gpu.multiprocessors * BUSY_THREADS));

/** Seconds that `workgroups` of `threads` take, each of them with `flops` to do at `efficiency`. */
function computeTime(
  workgroups: number,
  threads: number,
  flops: number,
  efficiency: number,
  gpu: GpuDescription,
): number {
  const most = divide(workgroups, gpu.multiprocessors);
  const resident = Math.min(most, Math.max(1, Math.floor(RESIDENT_THREADS / threads)));
  const busy = Math.min(1, (resident * threads) / BUSY_THREADS);
  // Workgroups of one multiprocessor follow each other without a common end, so the last round weighs half.
  const rounds = most <= resident ? most : (most + workgroups / gpu.multiprocessors) / 2;
  return (rounds * flops) / ((gpu.flops / gpu.multiprocessors) * efficiency * busy);
}

/** Anything but a convolution: bytes and launch. */
export const streamTime = (bytes: number, gpu: GpuDescription): number => gpu.launch + bytes / gpu.bandwidth;

interface GemmSizes {
  /** Rows, columns and length of the sum, unpadded by tiles. */
  rows: number;
  columns: number;
  depth: number;
  /** Independent GEMMs of these sizes (parities), each with this share of `depth`. */
  count: number;
}

function gemmOf(role: ConvRole, layer: ConvLayer, batch: number): GemmSizes {
  const taps = layer.kernel ** 2;
  const [ci, co] = [pad4(layer.in.channels), pad4(layer.out.channels)];
  const outPixels = batch * layer.out.height * layer.out.width;
  if (role === 'forward') return { rows: outPixels, columns: co, depth: taps * ci, count: 1 };
  if (role === 'filter gradient') return { rows: taps * ci, columns: co, depth: outPixels, count: 1 };
  const inPixels = batch * layer.in.height * layer.in.width;
  return layer.stride === 1
    ? { rows: inPixels, columns: ci, depth: taps * co, count: 1 }
    : { rows: divide(inPixels, 4), columns: ci, depth: (taps * co) / 4, count: 4 };
}

/** Work of a tiled dispatch: `depth` is the length of the sum in one workgroup, averaged over parities. */
interface GemmDispatch {
  m: number;
  n: number;
  depth: number;
  workgroups: number;
  /** Bytes that must move between memory and the GPU. */
  bytes: number;
}

function gemmTime({ m, n, depth, workgroups, bytes }: GemmDispatch, gpu: GpuDescription): number {
  const { threads } = tiledShape({ m, n });
  const compute = computeTime(workgroups, threads, 2 * m * n * depth, tileEfficiency({ m, n }), gpu);
  const cache = (4 * workgroups * depth * (m + n)) / gpu.cacheBandwidth;
  const limits = [compute, bytes / gpu.bandwidth, cache];
  const longest = Math.max(...limits);
  return gpu.launch + longest + UNHIDDEN * (limits.reduce((sum, time) => sum + time, 0) - longest);
}

/** Seconds of a tiled convolution pass, with its second pass where the sum is split. */
function tiledTime(role: ConvRole, layer: ConvLayer, batch: number, tile: TiledTile, gpu: GpuDescription): number {
  const { rows, columns, depth, count } = gemmOf(role, layer, batch);
  const { parts, vectors } = partsOf(role, layer, batch, tile);
  const taps = layer.kernel ** 2;
  const results = 16 * vectors * parts;
  const operands = role === 'filter gradient' ? 4 * depth * (rows / taps + columns) : (4 * rows * count * depth) / taps;
  const workgroups = divide(rows, tile.m) * divide(columns, tile.n) * parts * count;
  const { m, n } = tile;
  const second = parts > 1 ? streamTime(results + results / parts, gpu) : 0;
  return gemmTime({ m, n, depth: divide(depth, parts), workgroups, bytes: operands + results }, gpu) + second;
}

/** Seconds of a pass through Winograd's transform: filters, pixels, products, results. */
function winogradTime(role: ConvRole, layer: ConvLayer, batch: number, tile: TiledTile, gpu: GpuDescription): number {
  const { rows, columns, depth } = gemmOf(role, layer, batch);
  const read = depth / layer.kernel ** 2;
  const tiles = rows / 4;
  const [u, v, products] = [read * columns, tiles * read, tiles * columns].map((floats) => 4 * POSITIONS * floats);
  const workgroups = divide(tiles, tile.m) * divide(columns, tile.n) * POSITIONS;
  return (
    streamTime((9 / POSITIONS) * u + u, gpu) +
    streamTime(4 * rows * read + v, gpu) +
    gemmTime({ m: tile.m, n: tile.n, depth: read, workgroups, bytes: u + v + products }, gpu) +
    streamTime(products + 4 * rows * columns, gpu)
  );
}

/** Seconds of a convolution pass. @param tile in workgroup memory, or Winograd's transform around one */
export function passTime(
  role: ConvRole,
  layer: ConvLayer,
  batch: number,
  tile: TiledTile | { kind: 'winograd'; product: TiledTile },
  gpu: GpuDescription,
): number {
  return tile.kind === 'winograd'
    ? winogradTime(role, layer, batch, tile.product, gpu)
    : tiledTime(role, layer, batch, tile, gpu);
}

/** Seconds of a dispatch of a step. */
export function dispatchTime(spec: DispatchSpec, gpu: GpuDescription): number {
  const { read, written } = trafficOf(spec);
  const bytes = read + written;
  if (!spec.tile) return streamTime(bytes, gpu);
  return gemmTime({ ...spec.tile, workgroups: workgroupsOf(spec), bytes }, gpu);
}

export const workgroupsOf = ({ grid }: DispatchSpec): number => grid[0] * grid[1] * grid[2];
