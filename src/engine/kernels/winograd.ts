/**
 * Winograd's F(2×2, 3×3): a 3×3 convolution of stride 1, or its input gradient, with 16 multiplications for each 2×2 results instead of 36.
 *
 *   U = G g Gᵀ      filters, once per pass: 4×4 for each pair of channels
 *   V = Bᵀ d B      the 4×4 pixels around each 2×2 results, for each channel read
 *   M[t] = V[t] U[t]   for each of the 16 positions t: a product over channels (conv.ts, tiledConv.ts with `positions`)
 *   y = Aᵀ M A
 *
 *   Bᵀ = 1  0 −1  0     G = 1   0   0     Aᵀ = 1  1  1  0
 *        0  1  1  0         ½   ½   ½          0  1 −1 −1
 *        0 −1  1  0         ½  −½   ½
 *        0  1  0 −1         0   0   1
 *
 * (Lavin & Gray, "Fast algorithms for convolutional neural networks", 2016). The input gradient is the convolution of dy with the filters turned
 * by 180° and their channels exchanged; the filter transform does both, so that everything else is the same in both directions.
 *
 * Layouts, vectors over four channels: U[t][channel read][channel group written], V[t][tile][group read], M[t][tile][group written];
 * tiles are (n, ty, tx) in one line, t = 4·row + column. Odd sizes leave a tile's last row or column unused.
 *
 * Order of summation: channels read, in one chain, then the rows and columns of Aᵀ. The transforms round once more than a direct
 * sum: kernels.gpu.test.ts states the error of both against float64.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { storeGroup } from './tile.ts';

/** Rows of U, V and M: positions of a 4×4 tile. */
export const POSITIONS = 16;

type Line = (values: readonly string[]) => string[];

const filterLine: Line = ([a, b, c]) => [a, `0.5 * (${a} + ${b} + ${c})`, `0.5 * (${a} - ${b} + ${c})`, c];
const inputLine: Line = ([a, b, c, d]) => [`${a} - ${c}`, `${b} + ${c}`, `${c} - ${b}`, `${b} - ${d}`];
const outputLine: Line = ([a, b, c, d]) => [`${a} + ${b} + ${c}`, `${b} - ${c} - ${d}`];

/**
 * WGSL of `line` along the columns, then along the rows, of a rows × columns array of variables `from{row}_{column}`; results are
 * `to{row}_{column}`.
 */
function transform(line: Line, rows: number, columns: number, from: string, to: string): string {
  const half = range(columns).flatMap((c) =>
    line(range(rows).map((r) => `${from}${r}_${c}`)).map((value, r) => `let ${to}Half${r}_${c} = ${value};`),
  );
  const halfRows = line(range(rows).map(String)).length;
  const whole = range(halfRows).flatMap((r) =>
    line(range(columns).map((c) => `${to}Half${r}_${c}`)).map((value, c) => `let ${to}${r}_${c} = ${value};`),
  );
  return [...half, ...whole].join('\n  ');
}

/** Dims: in4, out4 of the layer's filters. A thread a channel read × channel group written. Grid: threads / 64. */
export function winogradFilterKernel(transposed: boolean): Kernel {
  const load = (ky: number, kx: number) =>
    transposed
      ? `vec4<f32>(${range(4)
          .map(
            (l) =>
              `w[(${8 - 3 * ky - kx}u * 4u * dims.in4 + 4u * group + ${l}u) * dims.out4 + channel / 4u][channel % 4u]`,
          )
          .join(', ')})`
      : `w[(${3 * ky + kx}u * 4u * dims.in4 + channel) * dims.out4 + group]`;
  return defineKernel({
    key: `winograd filter${transposed ? ' transposed' : ''}`,
    dims: ['in4', 'out4'],
    buffers: [
      ['w', 'read', 'vec4f'],
      ['u', 'write', 'vec4f'],
    ],
    workgroup: [64],
    body: `
  let groups = ${transposed ? 'dims.in4' : 'dims.out4'};
  let channels = 4u * ${transposed ? 'dims.out4' : 'dims.in4'};
  let i = gid.x + gid.y * wgs.x * 64u;
  if (i >= channels * groups) { return; }
  let channel = i / groups;
  let group = i % groups;
  ${range(3)
    .flatMap((ky) => range(3).map((kx) => `let g${ky}_${kx} = ${load(ky, kx)};`))
    .join('\n  ')}
  ${transform(filterLine, 3, 3, 'g', 'u')}
  ${unroll(POSITIONS, (t) => `u[${t}u * channels * groups + i] = u${Math.floor(t / 4)}_${t % 4};`)}`,
  });
}

/** Dims of both image transforms: sizes of the tensor, its channel groups, and tiles along both axes. */
const IMAGE_DIMS = ['batch', 'height', 'width', 'c4', 'tilesY', 'tilesX'] as const;

const LOCATE = `
  let tiles = dims.batch * dims.tilesY * dims.tilesX;
  let i = gid.x + gid.y * wgs.x * 64u;
  if (i >= tiles * dims.c4) { return; }
  let group = i % dims.c4;
  let tile = i / dims.c4;
  let x0 = (tile % dims.tilesX) * 2u;
  let y0 = (tile / dims.tilesX % dims.tilesY) * 2u;
  let n = tile / dims.tilesX / dims.tilesY;`;

/** A thread a tile × channel group. Grid: threads / 64. */
export const winogradInputKernel: Kernel = defineKernel({
  key: 'winograd input',
  dims: IMAGE_DIMS,
  buffers: [
    ['x', 'read', 'vec4f'],
    ['v', 'write', 'vec4f'],
  ],
  workgroup: [64],
  body: `${LOCATE}
  // Rows and columns 2·t − 1 … 2·t + 2; those outside the image count as zero.
  ${unroll(4, (k) => `let inY${k} = y0 + ${k}u >= 1u && y0 + ${k}u <= dims.height; let row${k} = (n * dims.height + min(max(y0 + ${k}u, 1u) - 1u, dims.height - 1u)) * dims.width;`)}
  ${unroll(4, (k) => `let inX${k} = x0 + ${k}u >= 1u && x0 + ${k}u <= dims.width; let column${k} = min(max(x0 + ${k}u, 1u) - 1u, dims.width - 1u);`)}
  ${range(4)
    .flatMap((r) =>
      range(4).map(
        (c) => `let d${r}_${c} = select(vec4<f32>(), x[(row${r} + column${c}) * dims.c4 + group], inY${r} && inX${c});`,
      ),
    )
    .join('\n  ')}
  ${transform(inputLine, 4, 4, 'd', 'v')}
  ${unroll(POSITIONS, (t) => `v[${t}u * tiles * dims.c4 + i] = v${Math.floor(t / 4)}_${t % 4};`)}`,
});

/** A thread a tile × channel group. Adds the skip and, where asked, what y holds. Grid: threads / 64. */
export function winogradOutputKernel(skip: boolean): Kernel {
  return defineKernel({
    key: `winograd output${skip ? ' skip' : ''}`,
    dims: [...IMAGE_DIMS, 'out4', 'accumulate'],
    buffers: [
      ['products', 'read', 'vec4f'],
      ...(skip ? ([['skip', 'read', 'vec4f']] as const) : []),
      ['y', 'write', 'vec4f'],
    ],
    workgroup: [64],
    body: `${LOCATE}
  ${unroll(POSITIONS, (t) => `let m${Math.floor(t / 4)}_${t % 4} = products[${t}u * tiles * dims.c4 + i];`)}
  ${transform(outputLine, 4, 4, 'm', 'r')}
  ${range(2)
    .flatMap((r) =>
      range(2).map(
        (c) => `if (y0 + ${r}u < dims.height && x0 + ${c}u < dims.width) {
    let at = ((n * dims.height + y0 + ${r}u) * dims.width + x0 + ${c}u) * dims.c4 + group;
    ${storeGroup('group', 'at', `r${r}_${c}`, { skip })} }`,
      ),
    )
    .join('\n  ')}`,
  });
}
