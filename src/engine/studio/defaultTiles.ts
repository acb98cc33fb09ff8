/**
 * The tiles of convolutions where nothing was measured on the device (tuning.ts): by kind of GPU and shape.
 */
import type { ConvLayer } from '../../domain/network.ts';
import type { Gpu } from '../device.ts';
import type { Tile } from '../kernels/tile.ts';
import { divide, type ConvRole } from './geometry.ts';
import { pad4 } from './parameters.ts';

/** Subgroup size for broadcasts: where it is fixed and the GPU is a rasteriser in software; 0 elsewhere. */
export function broadcastLanes(gpu: Gpu): number {
  if (!gpu.software || !gpu.device.features.has('subgroups' as GPUFeatureName)) return 0;
  const { subgroupMinSize: low, subgroupMaxSize: high } = gpu.device.adapterInfo;
  return low !== undefined && low === high && low >= 4 && low <= 64 ? low : 0;
}

/**
 * The tile used where nothing was measured.
 * @param lanes subgroup size for broadcasts on software GPUs; 0: a real GPU, where tiles in workgroup memory pay once the channels fill them
 */
export function defaultTile(role: ConvRole, layer: ConvLayer, lanes: number, software: boolean): Tile {
  const out4 = pad4(role === 'input gradient' ? layer.in.channels : layer.out.channels) / 4;
  const strided = role === 'input gradient' && layer.stride === 2;
  const narrow = Math.min(layer.in.channels, layer.out.channels) < 32;
  if (!software && !strided && !narrow) return { kind: 'tiled' };
  const width = role === 'input gradient' ? divide(layer.in.width, layer.stride) : layer.out.width;
  const groups = out4 >= 2 ? 2 : 1;
  const direct = (pixels: number): Tile => ({ kind: 'direct', pixels, groups, lanes });
  // Wider strips make the filter gradient's code so large that a software rasteriser needs minutes to compile it.
  if (role === 'filter gradient') return direct(4);
  if (strided) return direct(width >= 2 ? 2 : 1);
  return direct(width >= 8 ? 8 : width >= 3 ? 4 : 2);
}
