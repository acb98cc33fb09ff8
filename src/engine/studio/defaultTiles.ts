/**
 * The tiles of convolutions where nothing was measured on the device (tuning.ts): by kind of GPU and shape.
 */
import type { ConvLayer } from '../../domain/network.ts';
import type { Gpu } from '../device.ts';
import { TILED_SHAPES, type Tile, type TiledTile } from '../kernels/tile.ts';
import { partsOf, scratchVectors, winogradFits } from './convSizes.ts';
import { DESCRIBED_GPUS, passTime } from './costModel.ts';
import { divide, type ConvRole } from './geometry.ts';
import { pad4 } from './parameters.ts';

/** Subgroup size for broadcasts: where it is fixed and the kernels for software rasterisers run; 0 elsewhere. */
export function broadcastLanes(gpu: Pick<Gpu, 'kernels' | 'device'>): number {
  if (gpu.kernels !== 'software' || !gpu.device.features.has('subgroups' as GPUFeatureName)) return 0;
  const { subgroupMinSize: low, subgroupMaxSize: high } = gpu.device.adapterInfo;
  return low !== undefined && low === high && low >= 4 && low <= 64 ? low : 0;
}

/** Parts of a sum that are tried. Filter gradients sum over all pixels of a batch and are always cut. */
const SPLITS = { sum: [1, 2, 4, 8], pixels: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };
/** Most vectors of partial sums: 64 MB. */
const MOST_PARTIAL = 4 << 20;
/** Most vectors of Winograd's transformed filters, pixels and products: 160 MB. */
const MOST_TRANSFORMED = 10 << 20;

/** A tile for GPUs: in workgroup memory, or Winograd's transform around one. */
export type HardwareTile = TiledTile | { kind: 'winograd'; product: TiledTile };

function hardwareTiles(role: ConvRole, layer: ConvLayer, batch: number): HardwareTile[] {
  const strided = role === 'input gradient' && layer.stride === 2;
  const splits = role === 'filter gradient' ? SPLITS.pixels : strided ? [1] : SPLITS.sum;
  const tiled = TILED_SHAPES.flatMap(({ m, n }) => splits.map((s): TiledTile => ({ kind: 'tiled', m, n, splits: s })));
  const winograd = TILED_SHAPES.map(({ m, n }): HardwareTile => ({
    kind: 'winograd',
    product: { kind: 'tiled', m, n, splits: 1 },
  })).filter(
    (tile) =>
      winogradFits(role, layer) &&
      scratchVectors(role, layer, batch, tile).reduce((sum, count) => sum + count, 0) <= MOST_TRANSFORMED,
  );
  return [
    ...tiled.filter((tile) => {
      const { parts, vectors } = partsOf(role, layer, batch, tile);
      return tile.splits === 1 || (parts === tile.splits && parts * vectors <= MOST_PARTIAL);
    }),
    ...winograd,
  ];
}

/**
 * Tiles for a pass on a GPU, the best first: by the sum over the described GPUs of their predicted times, each relative to the best on that
 * GPU, so that one choice serves large and small cards.
 */
export function rankedTiles(role: ConvRole, layer: ConvLayer, batch: number): HardwareTile[] {
  const tiles = hardwareTiles(role, layer, batch);
  const times = tiles.map((tile) => DESCRIBED_GPUS.map((gpu) => passTime(role, layer, batch, tile, gpu)));
  const best = DESCRIBED_GPUS.map((_, g) => Math.min(...times.map((row) => row[g])));
  const costs = new Map(tiles.map((tile, i) => [tile, times[i].reduce((sum, time, g) => sum + time / best[g], 0)]));
  return tiles.sort((a, b) => costs.get(a)! - costs.get(b)!);
}

const chosen = new Map<string, HardwareTile>();

function hardwareTile(role: ConvRole, layer: ConvLayer, batch: number): HardwareTile {
  const { in: i, out: o, kernel, stride } = layer;
  const key = [role, batch, i.channels, i.height, i.width, o.channels, kernel, stride].join();
  let tile = chosen.get(key);
  if (!tile) {
    // Winograd's gain depends on bandwidth and caches that the model only guesses: it runs where the tuner measured it to be faster.
    // Filter gradients in tiles of 32 channels lose registers to copies on RDNA 2 (bench/RESULTS.md): the tuner may still measure them.
    tile = rankedTiles(role, layer, batch).find(
      (candidate) => candidate.kind === 'tiled' && (role !== 'filter gradient' || candidate.n !== 32),
    )!;
    chosen.set(key, tile);
  }
  return tile;
}

function softwareTile(role: ConvRole, layer: ConvLayer, lanes: number): Tile {
  const out4 = pad4(role === 'input gradient' ? layer.in.channels : layer.out.channels) / 4;
  const strided = role === 'input gradient' && layer.stride === 2;
  const width = role === 'input gradient' ? divide(layer.in.width, layer.stride) : layer.out.width;
  const groups = out4 >= 2 ? 2 : 1;
  const direct = (pixels: number): Tile => ({ kind: 'direct', pixels, groups, lanes });
  // Wider strips make the filter gradient's code so large that a software rasteriser needs minutes to compile it.
  if (role === 'filter gradient') return direct(4);
  if (strided) return direct(width >= 2 ? 2 : 1);
  return direct(width >= 8 ? 8 : width >= 3 ? 4 : 2);
}

/** The tile used where nothing was measured. @param lanes subgroup size for broadcasts of the software kernels */
export const defaultTile = (
  kernels: Gpu['kernels'],
  lanes: number,
  role: ConvRole,
  layer: ConvLayer,
  batch: number,
): Tile => (kernels === 'hardware' ? hardwareTile(role, layer, batch) : softwareTile(role, layer, lanes));
