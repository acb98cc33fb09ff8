/**
 * How large the passes of a convolution are under a tile: shape numbers of the kernels, parts that sums are cut into, scratch buffers. The
 * plan, the tuner and the dispatches (convDispatch.ts) all ask here.
 */
import type { ConvLayer } from '../../domain/network.ts';
import type { Tile } from '../kernels/tile.ts';
import { POSITIONS } from '../kernels/winograd.ts';
import { divide, filterSlices, pixelSlices, stageSplits, type ConvRole } from './geometry.ts';
import { pad4 } from './parameters.ts';

export const groupsOf = (shape: { channels: number }): number => pad4(shape.channels) / 4;

/** Multiplications and additions of one pass over a convolution: the same for all three. */
export const convFlops = (layer: ConvLayer, batch: number): number =>
  2 * batch * layer.out.height * layer.out.width * layer.out.channels * layer.in.channels * layer.kernel ** 2;

export function convSizes(layer: ConvLayer, batch: number, backward: boolean) {
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

export const isExact = ({ inW, outW }: { inW: number; outW: number }, pixels: number, stride: number): boolean =>
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
  const { outH, outW, in4, out4 } = convSizes(layer, batch, role === 'input gradient');
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
export function winogradVectors(role: 'forward' | 'input gradient', layer: ConvLayer, batch: number) {
  const { outH, outW, in4, out4 } = convSizes(layer, batch, role === 'input gradient');
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
