/**
 * Convolution, and the input gradient of a stride-1 convolution, as a direct implicit GEMM.
 *
 *   forward      y[n,oy,ox,co] = Σ_{ky,kx,ci} x[n, oy·s + ky − p, ox·s + kx − p, ci] · W[ky,kx,ci,co]   (+ skip[n,oy,ox,co])
 *   transposed   dx[n,y,x,ci] = Σ_{ky,kx,co} dy[n, y − ky + p, x − kx + p, co] · W[ky,kx,ci,co]         (stride 1)
 *
 * with p = (kernel − 1) / 2: PyTorch's padding of 1 for 3×3 and none for 1×1.
 *
 * Tile: a thread owns `pixels` neighbours in a row × 4·`groups` output channels. For each kernel row and each group of four input
 * channels it loads the strip of inputs once, (pixels − 1)·s + kernel vectors, and slides the taps over it. Lanes run over strips;
 * the weights are the operand that all lanes share. Transposed reads the same weights with taps flipped and the roles of ci and
 * co exchanged, so no transposed copy is kept.
 *
 * Order of summation: ky, ci, kx, then the four channels, whatever the tile: tuning does not change a result's bits.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import {
  chainOfLanes,
  chainOfProduct,
  columnsAtRisk,
  halfCasts,
  halfEnable,
  PIXEL_THREADS,
  sharedOperand,
  storeGroup,
  subgroupEnable,
  tileKey,
  type DirectTile,
} from './tile.ts';

export interface ConvVariant {
  kernel: 1 | 3;
  stride: 1 | 2;
  transposed: boolean;
  /** A tensor added to the result (forward of pre-activation blocks). */
  skip: boolean;
  /** Products of four channels in 16-bit floats, sums in 32 (forward only: gradients would underflow). */
  half: boolean;
  /** Strips fill the rows written, and the rows read are stride times as wide: no column needs a test but the padding's. */
  exact: boolean;
  /** The 16 products of Winograd's transform: wid.z chooses x, W and y among tensors that lie one after the other (1×1 only). */
  positions?: boolean;
  tile: DirectTile;
}

/** Dims: sizes of the tensor read (in*) and written (out*); in4, out4: their channel groups. accumulate: add to what y holds. */
export const CONV_DIMS = ['batch', 'inH', 'inW', 'outH', 'outW', 'in4', 'out4', 'strips', 'accumulate'] as const;

export function convKernel(variant: ConvVariant): Kernel {
  const { kernel: K, stride: S, transposed, skip, half, exact, positions, tile } = variant;
  const { pixels: P, groups: Q } = tile;
  const pad = (K - 1) / 2;
  const columns = (P - 1) * S + K;
  const { narrow, wide } = halfCasts(half);
  const atRisk = columnsAtRisk(columns, K, S, exact);

  // Weight vectors of one (ky, input group), in the order used: kx, then 4·Q vectors.
  // forward: (kx, l, j) → W[tap][4·ci + l][co + j];  transposed: (kx, m) → W[flipped tap][4·co + m][ci].
  const perTap = 4 * Q;
  const weights = sharedOperand('w', K * perTap, tile.lanes, 'w', (i) =>
    transposed
      ? `(${K - 1}u - (${i}) / ${perTap}u) * tapStride + (${i} % ${perTap}u) * dims.in4`
      : `(${i}) / ${perTap}u * tapStride + (((${i}) / ${Q}u) % 4u) * dims.out4 + (${i}) % ${Q}u`,
  );
  const base = transposed
    ? `u32(${K - 1} - ky) * ${K}u * tapStride + 4u * co * dims.in4 + ci`
    : `u32(ky) * ${K}u * tapStride + 4u * ci * dims.out4 + co${positions ? ' + wid.z * tapStride' : ''}`;

  const accumulate = (kx: number): string =>
    transposed
      ? range(perTap)
          .map((m) => {
            const lane = m % 4;
            const j = Math.floor(m / 4);
            const sums = range(P)
              .map((i) => {
                const x = `x${i * S + kx}`;
                return `a${i}_${j}[${lane}] = ${chainOfProduct(`a${i}_${j}[${lane}]`, x, 'wv')};`;
              })
              .join(' ');
            return `{ let wv = ${weights.use(kx * perTap + m)}; ${sums} }`;
          })
          .join('\n')
      : // Four products a visit: the accumulators of a wide tile live in memory, so each is touched once per tap instead of four times.
        range(Q)
          .map((j) => {
            const loads = range(4)
              .map((l) => `let v${l} = ${narrow(weights.use((kx * 4 + l) * Q + j))};`)
              .join(' ');
            const sums = range(P)
              .map((i) => {
                const x = `x${i * S + kx}`;
                return half
                  ? `a${i}_${j} += ${wide(`${x}.x * v0 + ${x}.y * v1 + ${x}.z * v2 + ${x}.w * v3`)};`
                  : `a${i}_${j} = ${chainOfLanes(`a${i}_${j}`, x, ['v0', 'v1', 'v2', 'v3'])};`;
              })
              .join(' ');
            return `{ ${loads}\n${sums} }`;
          })
          .join('\n');

  return defineKernel({
    key: `conv k${K}s${S}${transposed ? ' transposed' : ''}${skip ? ' skip' : ''}${half ? ' half' : ''}${exact ? ' exact' : ''}${positions ? ' positions' : ''} ${tileKey(tile)}`,
    dims: CONV_DIMS,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['w', 'read', 'vec4f'],
      ...(skip ? ([['skip', 'read', 'vec4f']] as const) : []),
      ['y', 'write', 'vec4f'],
    ],
    workgroup: [PIXEL_THREADS],
    enable: [...subgroupEnable(tile), ...halfEnable(half)],
    body: `
  let strip = gid.x;
  let co = wid.y * ${Q}u;
  let total = dims.batch * dims.outH * dims.strips;
  let row = min(strip, total - 1u) / dims.strips;
  let ox = i32((min(strip, total - 1u) % dims.strips) * ${P}u);
  let oy = i32(row % dims.outH);
  let n = row / dims.outH;
  // Vectors from one tap to the next in W[tap][ci][co / 4].
  let tapStride = ${transposed ? '4u * dims.out4 * dims.in4' : '4u * dims.in4 * dims.out4'};
  let left = ox * ${S} - ${pad};
  ${unroll(columns, (i) =>
    atRisk(i)
      ? `let ok${i} = left + ${i} >= 0 && left + ${i} < i32(dims.inW); let c${i} = u32(clamp(left + ${i}, 0, i32(dims.inW) - 1)) * dims.in4;`
      : `let c${i} = u32(left + ${i}) * dims.in4;`,
  )}
  ${unroll(P * Q, (i) => `var a${Math.floor(i / Q)}_${i % Q} = vec4<f32>();`)}
  ${weights.prepare}
  for (var ky = 0; ky < ${K}; ky++) {
    let iy = oy * ${S} + ky - ${pad};
    let inside = iy >= 0 && iy < i32(dims.inH);
    let start = (${positions ? 'wid.z * dims.batch * dims.inH + ' : ''}n * dims.inH + u32(clamp(iy, 0, i32(dims.inH) - 1))) * dims.inW * dims.in4;
    for (var ci = 0u; ci < dims.in4; ci++) {
      ${unroll(columns, (i) => `let x${i} = ${narrow(`select(vec4<f32>(), x[start + c${i} + ci], inside${atRisk(i) ? ` && ok${i}` : ''})`)};`)}
      ${weights.load(base)}
      ${range(K).map(accumulate).join('\n')}
    }
  }
  if (strip < total) {
    let at = u32((row${positions ? ' + wid.z * dims.batch * dims.outH' : ''}) * dims.outW + u32(ox)) * dims.out4 + co;
    ${range(P)
      .map(
        (i) =>
          `if (u32(ox) + ${i}u < dims.outW) { ${range(Q)
            .map((j) => storeGroup(`co + ${j}u`, `at + ${i}u * dims.out4 + ${j}u`, `a${i}_${j}`, { skip }))
            .join(' ')} }`,
      )
      .join('\n    ')}
  }`,
  });
}
