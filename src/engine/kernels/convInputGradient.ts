/**
 * Input gradient of a stride-2 convolution.
 *
 *   dx[n, y, x, ci] = Σ over taps with y + p − ky and x + p − kx even of dy[n, (y + p − ky) / 2, (x + p − kx) / 2, co] · W[ky,kx,ci,co]
 *
 * Tile: a thread owns `pixels` neighbouring 2×2 blocks of dx (rows 2j, 2j + 1; columns 2(i₀ + i), +1) × 4·`groups` input channels. The
 * four parities of a block use disjoint taps: of the nine, each is used exactly once, so nothing is multiplied by a hole.
 * Lanes run over strips of blocks; the weights are the operand that all lanes share.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import {
  chainOfProduct,
  PIXEL_THREADS,
  sharedOperand,
  storeGroup,
  subgroupEnable,
  tileKey,
  type DirectTile,
} from './tile.ts';

/** in*: dy; out*: dx; strips: strips of blocks a row of blocks; blocks: rows of blocks. */
export const INPUT_GRADIENT_DIMS = [
  'batch',
  'inH',
  'inW',
  'outH',
  'outW',
  'in4',
  'out4',
  'strips',
  'blocks',
  'accumulate',
] as const;

/** Taps that reach pixels of parity `parity` along one axis, with the offset of the dy row or column they read. */
function tapsOf(kernel: 1 | 3, parity: 0 | 1): { tap: number; offset: number }[] {
  const pad = (kernel - 1) / 2;
  return Array.from({ length: kernel }, (_, tap) => ({ tap, offset: (parity + pad - tap) / 2 })).filter(({ offset }) =>
    Number.isInteger(offset),
  );
}

export function convInputGradientKernel(kernel: 1 | 3, tile: DirectTile): Kernel {
  const { pixels: P, groups: Q } = tile;
  const perTap = 4 * Q;
  const parities = [0, 1] as const;
  // W[tap][4·ci + m][co group], all taps of one co group.
  const weights = sharedOperand(
    'w',
    kernel * kernel * perTap,
    tile.lanes,
    'w',
    (i) => `(${i}) / ${perTap}u * tapStride + (${i}) % ${perTap}u * dims.in4`,
  );
  const rows = kernel === 3 ? 2 : 1;
  const columns = kernel === 3 ? P + 1 : P;

  const sums = parities
    .flatMap((py) =>
      parities.flatMap((px) => tapsOf(kernel, py).flatMap((v) => tapsOf(kernel, px).map((h) => ({ py, px, v, h })))),
    )
    .flatMap(({ py, px, v, h }) =>
      range(perTap).map((m) => {
        const j = Math.floor(m / 4);
        const lane = m % 4;
        const adds = range(P).map((i) => {
          const d = `d${v.offset}_${i + h.offset}`;
          const sum = `a${py}${px}_${i}_${j}[${lane}]`;
          return `${sum} = ${chainOfProduct(sum, d, 'wv')};`;
        });
        return `{ let wv = ${weights.use((v.tap * kernel + h.tap) * perTap + m)}; ${adds.join(' ')} }`;
      }),
    )
    .join('\n');

  return defineKernel({
    key: `input gradient k${kernel}s2 ${tileKey(tile)}`,
    dims: INPUT_GRADIENT_DIMS,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['w', 'read', 'vec4f'],
      ['y', 'write', 'vec4f'],
    ],
    workgroup: [PIXEL_THREADS],
    enable: subgroupEnable(tile),
    body: `
  let total = dims.batch * dims.blocks * dims.strips;
  let strip = min(gid.x, total - 1u);
  let ci = wid.y * ${Q}u;
  let by = (strip / dims.strips) % dims.blocks;
  let n = strip / dims.strips / dims.blocks;
  let bx = (strip % dims.strips) * ${P}u;
  let tapStride = 4u * dims.out4 * dims.in4;
  ${unroll(rows, (r) => `let row${r} = (n * dims.inH + min(by + ${r}u, dims.inH - 1u)) * dims.inW; let rowOk${r} = by + ${r}u < dims.inH;`)}
  ${unroll(columns, (c) => `let column${c} = min(bx + ${c}u, dims.inW - 1u); let columnOk${c} = bx + ${c}u < dims.inW;`)}
  ${parities.flatMap((py) => parities.flatMap((px) => range(P).flatMap((i) => range(Q).map((j) => `var a${py}${px}_${i}_${j} = vec4<f32>();`)))).join('\n')}
  ${weights.prepare}
  for (var co = 0u; co < dims.in4; co++) {
    ${range(rows)
      .flatMap((r) =>
        range(columns).map(
          (c) =>
            `let d${r}_${c} = select(vec4<f32>(), x[(row${r} + column${c}) * dims.in4 + co], rowOk${r} && columnOk${c});`,
        ),
      )
      .join('\n    ')}
    ${weights.load('4u * ci * dims.in4 + co')}
    ${sums}
  }
  if (gid.x < total) {
    ${parities
      .flatMap((py) =>
        parities.flatMap((px) =>
          range(P).map(
            (
              i,
            ) => `{ let oy = 2u * by + ${py}u; let ox = 2u * (bx + ${i}u) + ${px}u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      ${range(Q)
        .map((j) => storeGroup(`ci + ${j}u`, `at + ${j}u`, `a${py}${px}_${i}_${j}`))
        .join('\n      ')} } }`,
          ),
        ),
      )
      .join('\n    ')}
  }`,
  });
}
