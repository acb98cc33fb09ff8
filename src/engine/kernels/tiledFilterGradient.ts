/**
 * Filter gradient as a GEMM over tiles in workgroup memory: the kernel for GPUs.
 *
 *   dW[tap, ci, co] = Σ over pixels of x[pixel shifted by the tap, ci] · dy[pixel, co]
 *
 * Rows of the GEMM are (tap, ci) in one line, so that any number of channels fills a tile; columns are co; the sum runs over the pixels
 * (n, oy, ox) of dy. It is long, so it is cut into slices of whole stages; each slice leaves partial sums and sumSlicesKernel adds them in order.
 *
 * Tile: m rows × n channels a workgroup, tm × tn a thread (tile.ts). A stage is eight pixels. It is stored to one half of workgroup memory;
 * while it is computed, the next one is fetched into registers for the other half. A thread loads the same (tap, ci) throughout and
 * walks its pixels by adding (0, 0, 8) in the mixed radix (n, oy, ox), without divisions.
 *
 * Order of summation: the pixels of a slice in one chain of multiply-adds, then the slices.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { storeGroup, tiledShape } from './tile.ts';

/** in*: x; out*: dy; perSlice: pixels per slice, a multiple of STAGE_PIXELS; direct: one slice, which writes the gradient itself. */
export const TILED_FILTER_DIMS = ['batch', 'inH', 'inW', 'outH', 'outW', 'in4', 'out4', 'perSlice', 'direct'] as const;

/** Pixels of a stage. */
export const STAGE_PIXELS = 8;

/** Grid: ⌈taps · in4 · 4 / m⌉, ⌈out4 · 4 / n⌉, slices. */
export function filterGradientTiledKernel(K: 1 | 3, S: 1 | 2, tile: { m: number; n: number }): Kernel {
  const { m, n, tm, tn, threads } = tiledShape(tile);
  const pad = (K - 1) / 2;
  const [rowVectors, groups] = [m / 4, n / 4];
  const [rowStep, columnStep] = [m / tm, n / tn];
  // Slots t + q·threads: vector slot % rowVectors of pixel slot / rowVectors, likewise for dy.
  const xPerThread = (STAGE_PIXELS * rowVectors) / threads;
  const xPixelStep = threads / rowVectors;
  const dCount = STAGE_PIXELS * groups;
  const dSlots = range(Math.ceil(dCount / threads));
  const dGuard = dCount < threads;

  const fetch = `${range(xPerThread)
    .map(
      (q) => `nx${q} = vec4<f32>();
    { let iy = i32(oy${q} * ${S}u) + shiftY; let ix = i32(ox${q} * ${S}u) + shiftX;
    if (start + xPixel + ${q * xPixelStep}u < last && live && iy >= 0 && iy < i32(dims.inH) && ix >= 0 && ix < i32(dims.inW)) {
      nx${q} = x[((n${q} * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
    } }`,
    )
    .join('\n    ')}
    ${dSlots
      .map(
        (q) => `nd${q} = vec4<f32>();
    { let pixel = start + (${q * threads}u + t) / ${groups}u; if (pixel < last && liveGroup) { nd${q} = dy[pixel * dims.out4 + group]; } }`,
      )
      .join('\n    ')}`;
  const store = (side: string) => `${range(xPerThread)
    .map((q) => `xs[${side} * ${STAGE_PIXELS * rowVectors}u + ${q * threads}u + t] = nx${q};`)
    .join(' ')}
    ${dGuard ? `if (t < ${dCount}u) ` : ''}{ ${dSlots.map((q) => `ds[${side} * ${dCount}u + ${q * threads}u + t] = nd${q};`).join(' ')} }`;
  const advance = range(xPerThread)
    .map(
      (q) => `ox${q} += stepX; oy${q} += stepY; n${q} += stepN;
    if (ox${q} >= dims.outW) { ox${q} -= dims.outW; oy${q}++; }
    if (oy${q} >= dims.outH) { oy${q} -= dims.outH; n${q}++; }`,
    )
    .join('\n    ');

  return defineKernel({
    key: `filter gradient tiled ${m}×${n} k${K}s${S}`,
    dims: TILED_FILTER_DIMS,
    hyper: true,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['dy', 'read', 'vec4f'],
      ['partial', 'write', 'vec4f'],
    ],
    workgroup: [threads],
    globals: `
var<workgroup> xs: array<vec4<f32>, ${2 * STAGE_PIXELS * rowVectors}>;
var<workgroup> ds: array<vec4<f32>, ${2 * dCount}>;`,
    body: `
  let t = lid.x;
  let rows = ${K * K}u * dims.in4;
  // The row vector (tap, ci) and the pixels that this thread loads.
  let rowVector = wid.x * ${rowVectors}u + t % ${rowVectors}u;
  let live = rowVector < rows;
  let tap = min(rowVector, rows - 1u) / dims.in4;
  let ci = min(rowVector, rows - 1u) % dims.in4;
  let shiftY = i32(tap / ${K}u) - ${pad};
  let shiftX = i32(tap % ${K}u) - ${pad};
  let xPixel = t / ${rowVectors}u;
  let firstGroup = wid.y * ${groups}u;
  let group = firstGroup + t % ${groups}u;
  let liveGroup = group < dims.out4;
  var start = wid.z * dims.perSlice;
  let last = min(start + dims.perSlice, dims.batch * dims.outH * dims.outW);
  ${range(xPerThread)
    .map(
      (q) => `var ox${q} = (start + xPixel + ${q * xPixelStep}u) % dims.outW;
  var oy${q} = (start + xPixel + ${q * xPixelStep}u) / dims.outW % dims.outH;
  var n${q} = (start + xPixel + ${q * xPixelStep}u) / dims.outW / dims.outH;
  var nx${q} = vec4<f32>();`,
    )
    .join('\n  ')}
  ${dSlots.map((q) => `var nd${q} = vec4<f32>();`).join(' ')}
  // A stage's pixels as a step in (n, oy, ox).
  let stepX = ${STAGE_PIXELS}u % dims.outW;
  let stepY = ${STAGE_PIXELS}u / dims.outW % dims.outH;
  let stepN = ${STAGE_PIXELS}u / dims.outW / dims.outH;
  let row = t / ${columnStep}u;
  let column = t % ${columnStep}u;
  ${range(tm)
    .flatMap((i) => range(tn / 4).map((j) => `var a${i}_${j} = vec4<f32>();`))
    .join(' ')}
  ${fetch}
  // As in tiledConv.ts: the half of workgroup memory as a loop of two constant turns.
  while (start < last) {
  for (var side = 0u; side < 2u; side++) {
  if (start < last) {
    ${store('side')}
    workgroupBarrier();
    start += ${STAGE_PIXELS}u;
    if (start < last) {
    ${advance}
    ${fetch}
    }
    for (var p = 0u; p < ${STAGE_PIXELS}u; p++) {
      ${unroll(tm / 4, (i) => `let u${i} = xs[side * ${STAGE_PIXELS * rowVectors}u + p * ${rowVectors}u + ${i * rowStep}u + row];`)}
      ${unroll(tn / 4, (j) => `let v${j} = ds[side * ${dCount}u + p * ${groups}u + ${j * columnStep}u + column];`)}
      ${range(tm)
        .map((i) =>
          range(tn / 4)
            .map((j) => `a${i}_${j} = fma(vec4<f32>(u${Math.floor(i / 4)}[${i % 4}]), v${j}, a${i}_${j});`)
            .join(' '),
        )
        .join('\n      ')}
    }
  } } }
  let add = dims.direct != 0u && hyper.accumulate != 0u;
  let base = wid.z * 4u * rows * dims.out4;
  ${range(tm / 4)
    .map(
      (i) => `{ let vector = wid.x * ${rowVectors}u + row + ${i * rowStep}u; if (vector < rows) {
    ${range(4)
      .map((l) =>
        range(tn / 4)
          .map((j) => {
            const to = `firstGroup + column + ${columnStep * j}u`;
            return storeGroup(to, `base + (4u * vector + ${l}u) * dims.out4 + ${to}`, `a${4 * i + l}_${j}`, {
              buffer: 'partial',
              add: 'add',
            });
          })
          .join('\n    '),
      )
      .join('\n    ')} } }`,
    )
    .join('\n  ')}`,
  });
}
