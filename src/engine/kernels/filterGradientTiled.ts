/**
 * Filter gradient over tiles in workgroup memory: the variant for real GPUs.
 *
 *   dW[tap, ci, co] = Σ over pixels of x[pixel shifted by the tap, ci] · dy[pixel, co]
 *
 * Tile: 64 threads make 64 ci × 64 co of one tap, 8 × 8 each, over one slice of rows (convFilterGradient.ts says why slices, and adds
 * them). A stage is eight pixels: 8 × 16 vectors of x and of dy go to workgroup memory, then every thread runs eight rank-one updates.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { FILTER_GRADIENT_DIMS } from './convFilterGradient.ts';
import { storeGroup } from './tile.ts';

const PIXELS = 8;
const GROUPS = 16;

/** Grid: taps × ⌈in4 / 16⌉, ⌈out4 / 16⌉, slices. */
export function filterGradientTiledKernel(K: 1 | 3, S: 1 | 2): Kernel {
  const pad = (K - 1) / 2;
  return defineKernel({
    key: `filter gradient tiled k${K}s${S}`,
    dims: FILTER_GRADIENT_DIMS,
    hyper: true,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['dy', 'read', 'vec4f'],
      ['partial', 'read_write', 'vec4f'],
    ],
    workgroup: [64],
    globals: `
var<workgroup> xs: array<vec4<f32>, ${PIXELS * GROUPS}>;
var<workgroup> ds: array<vec4<f32>, ${PIXELS * GROUPS}>;
fn fetch(pixel: u32, last: u32, ky: i32, kx: i32, ci: u32) -> vec4<f32> {
  let iy = i32((pixel / dims.outW) % dims.outH) * ${S} + ky - ${pad};
  let ix = i32(pixel % dims.outW) * ${S} + kx - ${pad};
  if (pixel >= last || ci >= dims.in4 || iy < 0 || iy >= i32(dims.inH) || ix < 0 || ix >= i32(dims.inW)) { return vec4<f32>(); }
  return x[((pixel / dims.outW / dims.outH * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
}`,
    body: `
  let blocks = (dims.in4 + ${GROUPS - 1}u) / ${GROUPS}u;
  let tap = wid.x / blocks;
  let ky = i32(tap / ${K}u);
  let kx = i32(tap % ${K}u);
  let firstIn = (wid.x % blocks) * ${GROUPS}u;
  let firstOut = wid.y * ${GROUPS}u;
  let first = wid.z * dims.rows * dims.outW;
  let last = min((wid.z + 1u) * dims.rows, dims.batch * dims.outH) * dims.outW;
  let group = lid.x % ${GROUPS}u;
  let own = lid.x / ${GROUPS}u;
  let row = lid.x / 8u;
  let column = lid.x % 8u;
  ${unroll(16, (i) => `var a${Math.floor(i / 2)}_${i % 2} = vec4<f32>();`)}
  for (var start = first; start < last; start += ${PIXELS}u) {
    workgroupBarrier();
    ${unroll(
      PIXELS / 4,
      (k) => `{ let p = own + ${4 * k}u; let pixel = start + p;
    xs[p * ${GROUPS}u + group] = fetch(pixel, last, ky, kx, firstIn + group);
    var d = vec4<f32>();
    if (pixel < last && firstOut + group < dims.out4) { d = dy[pixel * dims.out4 + firstOut + group]; }
    ds[p * ${GROUPS}u + group] = d; }`,
    )}
    workgroupBarrier();
    for (var p = 0u; p < ${PIXELS}u; p++) {
      let u0 = xs[p * ${GROUPS}u + row];
      let u1 = xs[p * ${GROUPS}u + row + 8u];
      let v0 = ds[p * ${GROUPS}u + column];
      let v1 = ds[p * ${GROUPS}u + column + 8u];
      ${range(8)
        .map((i) => `a${i}_0 += u${Math.floor(i / 4)}[${i % 4}] * v0; a${i}_1 += u${Math.floor(i / 4)}[${i % 4}] * v1;`)
        .join('\n      ')}
    }
  }
  let add = dims.direct != 0u && hyper.accumulate != 0u;
  let base = (wid.z * ${K * K}u + tap) * 4u * dims.in4 * dims.out4;
  ${range(8)
    .map(
      (i) => `{ let channels = firstIn + row + ${8 * Math.floor(i / 4)}u; if (channels < dims.in4) {
    let at = base + (4u * channels + ${i % 4}u) * dims.out4 + firstOut + column;
    ${range(2)
      .map((j) =>
        storeGroup(`firstOut + column + ${8 * j}u`, `at + ${8 * j}u`, `a${i}_${j}`, { buffer: 'partial', add: 'add' }),
      )
      .join('\n    ')} } }`,
    )
    .join('\n  ')}`,
  });
}
