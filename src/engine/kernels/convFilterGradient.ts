/**
 * Filter gradient of a convolution.
 *
 *   dW[ky,kx,ci,co] = Σ_{n,oy,ox} x[n, oy·s + ky − p, ox·s + kx − p, ci] · dy[n,oy,ox,co]
 *
 * The long dimension, batch × rows, is cut into slices of whole rows; each slice sums into partial results of its own and a second
 * pass adds the slices in order, without atomics, so that two runs agree bit for bit.
 *
 * Tile: a thread owns all kx of one ky × four ci × 4·`groups` co and walks the rows of its slice `pixels` columns at a time: the strip of x
 * is loaded once and every tap reads it. Lanes run over (ky, ci); dy is the operand that all lanes share.
 * The number of slices follows from the shape alone, never from tuning: it decides the order of summation.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { columnsAtRisk, sharedOperand, storeGroup, subgroupEnable, tileKey, type DirectTile } from './tile.ts';

/** in*: x; out*: dy; rows: rows of dy per slice. */
export const FILTER_GRADIENT_DIMS = ['batch', 'inH', 'inW', 'outH', 'outW', 'in4', 'out4', 'rows', 'direct'] as const;

/** Pixels whose products are added before an accumulator is touched: it may live in memory. */
const QUAD = 4;

export interface FilterGradientVariant {
  kernel: 1 | 3;
  stride: 1 | 2;
  tile: DirectTile;
  /** Threads per workgroup, over (ky, ci / 4). */
  threads: number;
  /** Strips fill the rows of dy, and x is stride times as wide: no column needs a test but the padding's. */
  exact: boolean;
}

export function convFilterGradientKernel({
  kernel: K,
  stride: S,
  tile,
  threads,
  exact,
}: FilterGradientVariant): Kernel {
  const { pixels: P, groups: Q } = tile;
  const pad = (K - 1) / 2;
  const columns = (P - 1) * S + K;
  // dy vectors of one strip: (pixel, co group). Beyond the row's end the loaded value is replaced by zero.
  const shared = sharedOperand('g', P * Q, tile.lanes, 'dy', (i) => `(${i}) / ${Q}u * dims.out4 + (${i}) % ${Q}u`);
  const dy = (i: number, j: number) =>
    exact ? shared.use(i * Q + j) : `select(vec4<f32>(), ${shared.use(i * Q + j)}, ox + ${i} < i32(dims.outW))`;
  const atRisk = columnsAtRisk(columns, K, S, exact);
  const column = (i: number) =>
    atRisk(i)
      ? `let x${i} = select(vec4<f32>(), x[(start + u32(clamp(left + ${i}, 0, i32(dims.inW) - 1))) * dims.in4 + ci], inside && left + ${i} >= 0 && left + ${i} < i32(dims.inW));`
      : `let x${i} = select(vec4<f32>(), x[(start + u32(left + ${i})) * dims.in4 + ci], inside);`;

  return defineKernel({
    key: `filter gradient k${K}s${S} ${tileKey(tile)} t${threads}${exact ? ' exact' : ''}`,
    dims: FILTER_GRADIENT_DIMS,
    hyper: true,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['dy', 'read', 'vec4f'],
      ['partial', 'write', 'vec4f'],
    ],
    workgroup: [threads],
    enable: subgroupEnable(tile),
    body: `
  let combos = ${K}u * dims.in4;
  let combo = min(gid.x, combos - 1u);
  let ky = i32(combo / dims.in4);
  let ci = combo % dims.in4;
  let co = wid.y * ${Q}u;
  let last = min((wid.z + 1u) * dims.rows, dims.batch * dims.outH);
  ${unroll(K * 4 * Q, (i) => `var a${Math.floor(i / (4 * Q))}_${Math.floor(i / Q) % 4}_${i % Q} = vec4<f32>();`)}
  ${shared.prepare}
  for (var row = wid.z * dims.rows; row < last; row++) {
    let n = row / dims.outH;
    let iy = i32(row % dims.outH) * ${S} + ky - ${pad};
    let inside = iy >= 0 && iy < i32(dims.inH);
    let start = (n * dims.inH + u32(clamp(iy, 0, i32(dims.inH) - 1))) * dims.inW;
    for (var ox = 0; ox < i32(dims.outW); ox += ${P}) {
      let left = ox * ${S} - ${pad};
      ${unroll(columns, column)}
      ${shared.load('(row * dims.outW + u32(ox)) * dims.out4 + co')}
      ${range(Math.ceil(P / QUAD))
        .flatMap((quad) => {
          const run = range(QUAD)
            .map((k) => quad * QUAD + k)
            .filter((i) => i < P);
          return range(Q).map(
            (j) => `{ ${run.map((i) => `let d${i} = ${dy(i, j)};`).join(' ')}
      ${range(K)
        .flatMap((kx) =>
          range(4).map((l) => {
            const sum = `a${kx}_${l}_${j}`;
            return `${sum} = ${run.reduce((chain, i) => `fma(vec4<f32>(x${i * S + kx}[${l}]), d${i}, ${chain})`, sum)};`;
          }),
        )
        .join(' ')} }`,
          );
        })
        .join('\n      ')}
    }
  }
  if (gid.x < combos) {
    // direct: one slice only, so this is the gradient itself.
    let add = dims.direct != 0u && hyper.accumulate != 0u;
    let base = wid.z * ${K * K}u * 4u * dims.in4 * dims.out4;
    ${range(K)
      .flatMap((kx) =>
        range(4).map(
          (l) => `{ let at = base + ((u32(ky) * ${K}u + ${kx}u) * 4u * dims.in4 + 4u * ci + ${l}u) * dims.out4 + co;
      ${range(Q)
        .map((j) => storeGroup(`co + ${j}u`, `at + ${j}u`, `a${kx}_${l}_${j}`, { buffer: 'partial', add: 'add' }))
        .join(' ')} }`,
        ),
      )
      .join('\n    ')}
  }`,
  });
}

/** Slices from which on a workgroup shares their sum among its threads. */
const MANY_SLICES = 32;
/** Threads that share a vector's slices. */
const HELPERS = 16;

/**
 * Second pass: adds the slices in order. Dims: length in vectors, slices. Grid: ⌈length / vectors a workgroup⌉.
 * @param slices 32 and more: sixteen threads add every sixteenth slice each, and the first adds their sums in order. Used by GPUs, where
 *   one thread for each vector would leave most of the card idle.
 */
export const sumSlicesKernel = (
  slices: number,
  kernels: 'hardware' | 'software',
): { kernel: Kernel; vectors: number } =>
  kernels === 'hardware' && slices >= MANY_SLICES
    ? { kernel: sumManySlices, vectors: 64 / HELPERS }
    : { kernel: sumFewSlices, vectors: 64 };

const SUM_BUFFERS = [
  ['partial', 'read', 'vec4f'],
  ['gradient', 'write', 'vec4f'],
] as const;

const sumFewSlices: Kernel = defineKernel({
  key: 'sum slices',
  dims: ['length', 'slices'],
  hyper: true,
  buffers: SUM_BUFFERS,
  workgroup: [64],
  body: `
  let i = gid.x + gid.y * wgs.x * 64u;
  if (i >= dims.length) { return; }
  var sum = vec4<f32>();
  if (hyper.accumulate != 0u) { sum = gradient[i]; }
  for (var s = 0u; s < dims.slices; s++) { sum += partial[s * dims.length + i]; }
  gradient[i] = sum;`,
});

const sumManySlices: Kernel = defineKernel({
  key: 'sum many slices',
  dims: ['length', 'slices'],
  hyper: true,
  buffers: SUM_BUFFERS,
  workgroup: [64 / HELPERS, HELPERS],
  globals: 'var<workgroup> sums: array<vec4<f32>, 64>;',
  body: `
  let i = (wid.x + wid.y * wgs.x) * ${64 / HELPERS}u + lid.x;
  var sum = vec4<f32>();
  if (i < dims.length) {
    for (var s = lid.y; s < dims.slices; s += ${HELPERS}u) { sum += partial[s * dims.length + i]; }
  }
  sums[lid.y * ${64 / HELPERS}u + lid.x] = sum;
  workgroupBarrier();
  if (lid.y != 0u || i >= dims.length) { return; }
  var total = vec4<f32>();
  if (hyper.accumulate != 0u) { total = gradient[i]; }
  for (var h = 0u; h < ${HELPERS}u; h++) { total += sums[h * ${64 / HELPERS}u + lid.x]; }
  gradient[i] = total;`,
});
