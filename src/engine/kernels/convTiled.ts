/**
 * Convolution, and the input gradient of a stride-1 convolution, as an implicit GEMM over tiles in workgroup memory: the variant for
 * real GPUs, whose lanes share what one of them loads.
 *
 *   y[pixel, co] = Σ over taps and ci of x[pixel shifted by the tap, ci] · W[tap, ci, co]   (see conv.ts for the transposed form)
 *
 * Tile: 128 threads make 128 pixels × 64 channels, 8 × 8 each. Pixels are (n, oy, ox) in one line, so any width fills the tile. A stage is
 * one tap and eight input channels: 128 × 2 vectors of x and 8 × 16 of W go to workgroup memory, then every thread runs eight rank-one
 * updates from registers. The next stage's vectors are fetched before the current stage is computed, so their latency hides behind it.
 *
 * Order of summation: taps, then input channels.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { halfCasts, halfEnable, storeGroup } from './tile.ts';

export const TILED_PIXELS = 128;
export const TILED_GROUPS = 16;
const THREADS = 128;

export interface TiledVariant {
  kernel: 1 | 3;
  stride: 1 | 2;
  transposed: boolean;
  skip: boolean;
  /** As in conv.ts; workgroup memory then holds 16-bit vectors. */
  half: boolean;
}

/** Dims as conv.ts, without strips. Grid: pixels / 128, channel groups / 16. */
export const TILED_DIMS = ['batch', 'inH', 'inW', 'outH', 'outW', 'in4', 'out4', 'accumulate'] as const;

export function convTiledKernel({ kernel: K, stride: S, transposed, skip, half }: TiledVariant): Kernel {
  const pad = (K - 1) / 2;
  const { narrow, wide } = halfCasts(half);
  const element = half ? 'vec4<f16>' : 'vec4<f32>';
  // Weights of a stage. Forward: ws[k][co group], k = 0 … 7. Transposed: ws[input-group half][channel], a vector over co each.
  const weightIndex = transposed
    ? `(${K * K - 1}u - tap) * 4u * dims.out4 * dims.in4 + (4u * firstGroup + t % 64u) * dims.in4 + ci + t / 64u`
    : `(tap * 4u * dims.in4 + 4u * ci + t / 16u) * dims.out4 + firstGroup + t % 16u`;
  const weightOk = transposed
    ? 'firstGroup + (t % 64u) / 4u < dims.out4 && ci + t / 64u < dims.in4'
    : 'firstGroup + t % 16u < dims.out4 && ci + t / 64u < dims.in4';

  return defineKernel({
    key: `conv tiled k${K}s${S}${transposed ? ' transposed' : ''}${skip ? ' skip' : ''}${half ? ' half' : ''}`,
    dims: TILED_DIMS,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['w', 'read', 'vec4f'],
      ...(skip ? ([['skip', 'read', 'vec4f']] as const) : []),
      ['y', 'read_write', 'vec4f'],
    ],
    workgroup: [THREADS],
    enable: halfEnable(half),
    globals: `
var<workgroup> xs: array<${element}, ${TILED_PIXELS * 2}>;
var<workgroup> ws: array<${element}, 128>;
// x of one pixel under one tap, zero outside the picture.
fn fetch(n: u32, oy: i32, ox: i32, live: bool, tap: u32, ci: u32) -> vec4<f32> {
  let iy = oy * ${S} + i32(tap / ${K}u) - ${pad};
  let ix = ox * ${S} + i32(tap % ${K}u) - ${pad};
  if (!live || ci >= dims.in4 || iy < 0 || iy >= i32(dims.inH) || ix < 0 || ix >= i32(dims.inW)) { return vec4<f32>(); }
  return x[((n * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
}`,
    body: `
  let t = lid.x;
  let firstGroup = wid.y * ${TILED_GROUPS}u;
  let total = dims.batch * dims.outH * dims.outW;
  // The pixel this thread loads: both halves of the stage's channels.
  let mine = wid.x * ${TILED_PIXELS}u + t;
  let live = mine < total;
  let ox = i32(mine % dims.outW);
  let oy = i32((mine / dims.outW) % dims.outH);
  let n = mine / dims.outW / dims.outH;
  // The part of the tile this thread computes.
  let column = t % 8u;
  let row = t / 8u;
  ${unroll(16, (i) => `var a${Math.floor(i / 2)}_${i % 2} = vec4<f32>();`)}
  let halves = (dims.in4 + 1u) / 2u;
  let stages = ${K * K}u * halves;
  var x0 = fetch(n, oy, ox, live, 0u, 0u);
  var x1 = fetch(n, oy, ox, live, 0u, 1u);
  var wv = vec4<f32>();
  { let tap = 0u; let ci = 0u; if (${weightOk}) { wv = w[${weightIndex}]; } }
  for (var stage = 0u; stage < stages; stage++) {
    workgroupBarrier();
    xs[t] = ${narrow('x0')};
    xs[${TILED_PIXELS}u + t] = ${narrow('x1')};
    ws[t] = ${narrow('wv')};
    workgroupBarrier();
    if (stage + 1u < stages) {
      let tap = (stage + 1u) / halves;
      let ci = 2u * ((stage + 1u) % halves);
      x0 = fetch(n, oy, ox, live, tap, ci);
      x1 = fetch(n, oy, ox, live, tap, ci + 1u);
      wv = vec4<f32>();
      if (${weightOk}) { wv = w[${weightIndex}]; }
    }
    for (var half = 0u; half < 2u; half++) {
      ${
        transposed
          ? `${unroll(8, (i) => `let p${i} = xs[half * ${TILED_PIXELS}u + ${i * 16}u + row];`)}
      ${range(8)
        .map((m) => {
          // Channel m of this thread: group column (m < 4) or column + 8.
          const channel = `ws[half * 64u + 4u * (column + ${Math.floor(m / 4) * 8}u) + ${m % 4}u]`;
          return `{ let v = ${channel}; ${range(8)
            .map((i) => `a${i}_${Math.floor(m / 4)}[${m % 4}] += dot(p${i}, v);`)
            .join(' ')} }`;
        })
        .join('\n      ')}`
          : `${unroll(8, (i) => `let p${i} = xs[half * ${TILED_PIXELS}u + ${i * 16}u + row];`)}
      ${range(2)
        .map(
          (j) =>
            `{ ${range(4)
              .map((l) => `let v${l} = ws[(half * 4u + ${l}u) * 16u + column + ${8 * j}u];`)
              .join(' ')}
      ${range(8)
        .map((i) => `a${i}_${j} += ${wide(`p${i}.x * v0 + p${i}.y * v1 + p${i}.z * v2 + p${i}.w * v3`)};`)
        .join(' ')} }`,
        )
        .join('\n      ')}`
      }
    }
  }
  ${range(8)
    .map(
      (i) => `{ let pixel = wid.x * ${TILED_PIXELS}u + ${i * 16}u + row; if (pixel < total) {
    ${range(2)
      .map((j) => {
        const group = `firstGroup + column + ${8 * j}u`;
        return storeGroup(group, `pixel * dims.out4 + ${group}`, `a${i}_${j}`, { skip });
      })
      .join('\n    ')} } }`,
    )
    .join('\n  ')}`,
  });
}
