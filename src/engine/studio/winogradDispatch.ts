/** The four dispatches of a pass through Winograd's transform: filters, pixels, products, results. */
import { convKernel } from '../kernels/conv.ts';
import { convTiledKernel } from '../kernels/tiledConv.ts';
import type { WinogradTile } from '../kernels/tile.ts';
import { POSITIONS, winogradFilterKernel, winogradInputKernel, winogradOutputKernel } from '../kernels/winograd.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import { requireScratch, type Pass } from './convPass.ts';
import { convSizes, groupsOf, winogradVectors } from './convSizes.ts';
import { divide, linearGrid } from './geometry.ts';

export function winogradPass(
  { label, layer, batch, role, accumulate, buffers }: Pass,
  { product }: WinogradTile,
): DispatchSpec[] {
  const transposed = role === 'input gradient';
  const shape = convSizes(layer, batch, transposed);
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
