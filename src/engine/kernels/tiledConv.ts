/**
 * Convolution and its input gradient as an implicit GEMM over tiles in workgroup memory: the kernel for GPUs.
 *
 *   forward      y[n,oy,ox,co] = Σ_{ky,kx,ci} x[n, oy·s + ky − p, ox·s + kx − p, ci] · W[ky,kx,ci,co]   (+ skip[n,oy,ox,co])
 *   transposed   dx[n,y,x,ci] = Σ_{ky,kx,co} dy[n, (y + p − ky) / s, (x + p − kx) / s, co] · W[ky,kx,ci,co], whole quotients only
 *
 * with p = (kernel − 1) / 2. "x" and "y" below are the tensor read and the tensor written, whichever way.
 *
 * Pixels: rows of the GEMM are the pixels (n, oy, ox) in one line, so that any width fills a tile. Transposed with stride 2 runs
 * four GEMMs, one for each parity of (y, x): each of the kernel² taps reaches exactly one parity, so no product is multiplied by a hole.
 *
 * Reduction: vectors kv = tap · in4 + ci in one line, two (eight channels) a stage, so that any number of channels fills the stages.
 *
 * Tile: m pixels × n channels a workgroup, tm × tn a thread (tile.ts). A stage is stored to one half of
 * workgroup memory; while it is computed, the next one is fetched into registers for the other half: one barrier a stage. A thread reads rows i·(m/tm) + row
 * and channel groups column + j·(n/tn), so that neighbouring lanes read neighbouring vectors.
 *
 * Order of summation: taps, then input channels, in one chain of multiply-adds for each result. With splits, part k sums the k-th
 * run of stages and sumParts.ts adds the parts in order.
 */
import { defineKernel, range, unroll, type Kernel } from '../gpu/kernel.ts';
import { chainOfLanes, chainOfProduct, halfCasts, halfEnable, storeGroup, tiledShape } from './tile.ts';

export interface TiledVariant {
  kernel: 1 | 3;
  stride: 1 | 2;
  transposed: boolean;
  skip: boolean;
  /** As in conv.ts; workgroup memory then holds 16-bit vectors. */
  half: boolean;
  m: number;
  n: number;
  /** Writes parts of the sum instead of the result. */
  split: boolean;
  /** As in conv.ts. */
  positions?: boolean;
  /** Also leaves the tile's batch-norm sums in `statistics` (norm.ts: TILE_KINDS rows a tile). Not with split or half. */
  statistics?: boolean;
}

/**
 * in*: the tensor read, out*: the tensor written; perSplit: stages per part. Grid: ⌈pixels / m⌉, ⌈out4 · 4 / n⌉, parts; for transposed stride 2
 * pixels of one parity, and four parities instead of parts.
 */
export const TILED_DIMS = ['batch', 'inH', 'inW', 'outH', 'outW', 'in4', 'out4', 'accumulate', 'perSplit'] as const;

/** Vectors of the reduction a stage holds. */
export const STAGE_VECTORS = 2;

/** WGSL that depends on the direction: where taps read, which of them exist, and where weights lie. */
function direction({ kernel: K, stride: S, transposed }: TiledVariant) {
  const pad = (K - 1) / 2;
  if (transposed && S === 2) {
    // Rows of parity p: for 3 × 3 taps ky = 1 (p = 0), or ky = 0 and 2 (p = 1) which read dy rows by + 1 and by.
    const count = (p: string) => (K === 3 ? `(1u + ${p})` : `(1u - ${p})`);
    return {
      setup: `let py = wid.z / 2u;
  let px = wid.z % 2u;
  let tapsX = ${count('px')};
  let taps = ${count('py')} * tapsX;
  let gridH = (dims.outH + 1u - py) / 2u;
  let gridW = (dims.outW + 1u - px) / 2u;`,
      tapOffset: (tap: string) =>
        `(i32(py) - i32(${tap} / max(tapsX, 1u))) * i32(dims.inW) + i32(px) - i32(${tap} % max(tapsX, 1u))`,
      weightTap: (tap: string) =>
        K === 1
          ? '0u'
          : `(select(1u, 2u * (${tap} / tapsX), py == 1u) * 3u + select(1u, 2u * (${tap} % tapsX), px == 1u))`,
      origin: ['i32(gy)', 'i32(gx)'],
      mask: (q: number) => `for (var tap = 0u; tap < taps; tap++) {
    let iy = y0 + i32(py) - i32(tap / tapsX);
    let ix = x0 + i32(px) - i32(tap % tapsX);
    if (iy < i32(dims.inH) && ix < i32(dims.inW)) { mask${q} |= 1u << tap; }
  }`,
      outIndex: '(n * dims.outH + 2u * gy + py) * dims.outW + 2u * gx + px',
    };
  }
  const s = transposed ? 1 : S;
  return {
    setup: `let taps = ${K * K}u;
  let gridH = dims.outH;
  let gridW = dims.outW;`,
    tapOffset: (tap: string) => (K === 1 ? '0' : `i32(${tap} / 3u * dims.inW + ${tap} % 3u)`),
    weightTap: (tap: string) => (transposed ? `(${K * K - 1}u - min(${tap}, ${K * K - 1}u))` : tap),
    origin: [`i32(gy * ${s}u) - ${pad}`, `i32(gx * ${s}u) - ${pad}`],
    mask: (q: number) =>
      range(K * K)
        .map((tap) => {
          const [ky, kx] = [Math.floor(tap / K), tap % K];
          return `if (y0 + ${ky} >= 0 && y0 + ${ky} < i32(dims.inH) && x0 + ${kx} >= 0 && x0 + ${kx} < i32(dims.inW)) { mask${q} |= ${1 << tap}u; }`;
        })
        .join('\n  '),
    outIndex: 'pixel',
  };
}

/**
 * WGSL that leaves the batch-norm sums of a tile's results: Σ d and Σ d² of each channel, d = the result less that of the tile's first
 * pixel, and the first pixel's values themselves. A thread adds its own rows, then the rows of threads are added in order.
 */
function tileStatistics(tile: {
  m: number;
  tm: number;
  tn: number;
  rowStep: number;
  columnStep: number;
  skip: boolean;
}): string {
  const { m, tm, tn, rowStep, columnStep, skip } = tile;
  const groups = tn / 4;
  const pixelOf = (i: number) => `wid.x * ${m}u + ${i * rowStep}u + row`;
  const groupOf = (j: number) => `firstGroup + column + ${columnStep * j}u`;
  const addSkip = range(tm)
    .map(
      (i) =>
        `{ let pixel = ${pixelOf(i)}; if (pixel < total) { ${range(groups)
          .map((j) => `if (${groupOf(j)} < dims.out4) { a${i}_${j} += skip[pixel * dims.out4 + ${groupOf(j)}]; }`)
          .join(' ')} } }`,
    )
    .join('\n  ');
  return `${skip ? addSkip : ''}
  if (row == 0u) { ${range(groups)
    .map((j) => `ws[column + ${columnStep * j}u] = a0_${j};`)
    .join(' ')} }
  workgroupBarrier();
  ${range(groups)
    .map(
      (j) => `{ let origin = ws[column + ${columnStep * j}u];
  var sum = vec4<f32>(); var square = vec4<f32>();
  ${range(tm)
    .map((i) => `if (${pixelOf(i)} < total) { let d = a${i}_${j} - origin; sum += d; square = fma(d, d, square); }`)
    .join('\n  ')}
  xs[t * ${2 * groups}u + ${2 * j}u] = sum;
  xs[t * ${2 * groups}u + ${2 * j + 1}u] = square; }`,
    )
    .join('\n  ')}
  workgroupBarrier();
  if (t < ${2 * groups * columnStep}u) {
    let kind = t % 2u;
    let j = (t / 2u) % ${groups}u;
    let at = t / ${2 * groups}u;
    let group = firstGroup + at + j * ${columnStep}u;
    var sum = vec4<f32>();
    for (var r = 0u; r < ${rowStep}u; r++) { sum += xs[(r * ${columnStep}u + at) * ${2 * groups}u + 2u * j + kind]; }
    if (group < dims.out4) {
      statistics[(wid.x * 3u + kind) * dims.out4 + group] = sum;
      if (kind == 0u) { statistics[(wid.x * 3u + 2u) * dims.out4 + group] = ws[at + j * ${columnStep}u]; }
    }
  }`;
}

export function convTiledKernel(variant: TiledVariant): Kernel {
  const { kernel: K, stride: S, transposed, skip, half, m, n, split, positions, statistics } = variant;
  const { tm, tn, threads } = tiledShape({ m, n });
  const { narrow, wide } = halfCasts(half);
  const element = half ? 'vec4<f16>' : 'vec4<f32>';
  const groups = n / 4;
  const [rowStep, columnStep] = [m / tm, n / tn];
  const way = direction(variant);

  // x: slot t + q·threads is vector (slot / m) of pixel (slot % m). Several threads may share a pixel, or a thread own several.
  const pixelsPerThread = Math.max(1, m / threads);
  const bothHalves = threads <= m;
  const xSlots = bothHalves
    ? range(pixelsPerThread).flatMap((q) =>
        range(STAGE_VECTORS).map((h) => ({ q, h: String(h), at: `${h * m + q * threads}u + t` })),
      )
    : [{ q: 0, h: 'own', at: 't' }];
  // Weights: n · 2 vectors a stage. Forward: [channel of the reduction][group]; transposed: [vector][lane][group], a vector over the reduction each.
  const wCount = 2 * n;
  const wSlots = range(Math.ceil(wCount / threads)).map((q) => ({
    q,
    guard: wCount < threads,
    at: `${q * threads}u + t`,
  }));
  const wHalf = (q: number) => (threads <= n ? String(Math.floor((q * threads) / n)) : 'wOwn');

  const fetchX = xSlots
    .map(({ q, h }, i) => {
      const [tap, offset] =
        h === 'own'
          ? ['select(tap0, tap1, own == 1u)', 'select(offset0, offset1, own == 1u)']
          : [`tap${h}`, `offset${h}`];
      return `nx${i} = vec4<f32>();
    if (((mask${q} >> ${tap}) & 1u) != 0u) { nx${i} = x[u32(base${q} + ${offset})]; }`;
    })
    .join('\n    ');
  const fetchW = wSlots
    .map(({ q }) => {
      // The products' filters end with the buffer: beyond them there may be anything, and zero times infinity is not zero.
      if (!transposed && positions)
        return `nw${q} = select(vec4<f32>(), w[wBase${q} + kv * 4u * dims.out4], kv + (${q * threads}u + t) / ${n}u < last);`;
      if (!transposed) return `nw${q} = w[wBase${q} + kv * 4u * dims.out4];`;
      const h = wHalf(q);
      const start = h === 'wOwn' ? 'select(wStart0, wStart1, wOwn == 1u)' : `wStart${h}`;
      return `nw${q} = w[wBase${q} + ${start}];`;
    })
    .join('\n    ');
  const store = (
    buffer: string,
  ) => `${xSlots.map(({ at }, i) => `xs[${buffer} * ${STAGE_VECTORS * m}u + ${at}] = ${narrow(`nx${i}`)};`).join('\n    ')}
    ${wSlots.map(({ q, guard, at }) => `${guard ? `if (t < ${wCount}u) ` : ''}{ ws[${buffer} * ${wCount}u + ${at}] = ${narrow(`nw${q}`)}; }`).join('\n    ')}`;
  /** Addresses of the two vectors kv and kv + 1 from their taps and channels. */
  const locate = range(STAGE_VECTORS)
    .map(
      (h) => `offset${h} = (${way.tapOffset(`tap${h}`)}) * i32(dims.in4) + i32(ci${h});
    ${transposed ? `wStart${h} = ${way.weightTap(`tap${h}`)} * 4u * dims.out4 * dims.in4 + ci${h};` : ''}`,
    )
    .join('\n    ');
  const advance = range(STAGE_VECTORS)
    .map(
      (h) => `ci${h} += ${STAGE_VECTORS}u;
    ${range(STAGE_VECTORS)
      .map(() => `if (ci${h} >= dims.in4) { ci${h} -= dims.in4; tap${h}++; }`)
      .join(' ')}`,
    )
    .join('\n    ');

  const products = transposed
    ? range(tn)
        .map((c) => {
          const [j, lane] = [Math.floor(c / 4), c % 4];
          const v = `ws[side * ${wCount}u + h * ${n}u + ${lane * groups + columnStep * j}u + column]`;
          return `{ let v = ${v}; ${range(tm)
            .map((i) =>
              half
                ? `a${i}_${j}[${lane}] += f32(dot(p${i}, v));`
                : `a${i}_${j}[${lane}] = ${chainOfProduct(`a${i}_${j}[${lane}]`, `p${i}`, 'v')};`,
            )
            .join(' ')} }`;
        })
        .join('\n      ')
    : range(tn / 4)
        .map((j) => {
          const loads = range(4).map(
            (l) => `let v${l} = ws[side * ${wCount}u + h * ${n}u + ${l * groups + columnStep * j}u + column];`,
          );
          const sums = range(tm).map((i) =>
            half
              ? `a${i}_${j} += ${wide(`p${i}.x * v0 + p${i}.y * v1 + p${i}.z * v2 + p${i}.w * v3`)};`
              : `a${i}_${j} = ${chainOfLanes(`a${i}_${j}`, `p${i}`, ['v0', 'v1', 'v2', 'v3'])};`,
          );
          return `{ ${loads.join(' ')}\n      ${sums.join(' ')} }`;
        })
        .join('\n      ');

  return defineKernel({
    key: `conv tiled ${m}×${n} k${K}s${S}${transposed ? ' transposed' : ''}${skip ? ' skip' : ''}${half ? ' half' : ''}${split ? ' split' : ''}${positions ? ' positions' : ''}${statistics ? ' statistics' : ''}`,
    dims: TILED_DIMS,
    buffers: [
      ['x', 'read', 'vec4f'],
      ['w', 'read', 'vec4f'],
      ...(skip ? ([['skip', 'read', 'vec4f']] as const) : []),
      ['y', 'write', 'vec4f'],
      ...(statistics ? ([['statistics', 'write', 'vec4f']] as const) : []),
    ],
    workgroup: [threads],
    enable: halfEnable(half),
    globals: `
var<workgroup> xs: array<${element}, ${2 * STAGE_VECTORS * m}>;
var<workgroup> ws: array<${element}, ${2 * wCount}>;`,
    body: `
  let t = lid.x;
  let firstGroup = wid.y * ${groups}u;
  ${way.setup}
  let total = dims.batch * gridH * gridW;
  // The pixels whose vectors this thread loads: index of the first tap's vector, and a bit for each tap that lies inside the image.
  ${range(pixelsPerThread)
    .map(
      (q) => `var base${q} = 0;
  var mask${q} = 0u;
  { let pixel = wid.x * ${m}u + ${bothHalves ? `t + ${q * threads}u` : `t % ${m}u`};
  if (pixel < total) {
  let gx = pixel % gridW;
  let gy = (pixel / gridW) % gridH;
  let n = pixel / gridW / gridH;
  let y0 = ${way.origin[0]};
  let x0 = ${way.origin[1]};
  base${q} = ((i32(${positions ? '(wid.z * dims.batch + n)' : 'n'} * dims.inH) + y0) * i32(dims.inW) + x0) * i32(dims.in4);
  ${way.mask(q)}
  } }`,
    )
    .join('\n  ')}
  ${bothHalves ? '' : `let own = t / ${m}u;`}
  ${threads <= n || !transposed ? '' : `let wOwn = min(t / ${n}u, 1u);`}
  ${wSlots
    .map(({ q, at }) =>
      transposed
        ? `let wBase${q} = (4u * firstGroup + 4u * ((${at}) % ${groups}u) + ((${at}) % ${n}u) / ${groups}u) * dims.in4;`
        : `let wBase${q} = (${at}) / ${groups}u * dims.out4 + firstGroup + (${at}) % ${groups}u${positions ? ' + wid.z * 4u * dims.in4 * dims.out4' : ''};`,
    )
    .join('\n  ')}
  let row = t / ${columnStep}u;
  let column = t % ${columnStep}u;
  ${range(tm)
    .flatMap((i) => range(tn / 4).map((j) => `var a${i}_${j} = vec4<f32>();`))
    .join(' ')}
  let vectors = taps * dims.in4;
  var kv = ${split ? `wid.z * dims.perSplit * ${STAGE_VECTORS}u` : '0u'};
  let last = ${split ? `min(kv + dims.perSplit * ${STAGE_VECTORS}u, vectors)` : 'vectors'};
  ${unroll(STAGE_VECTORS, (h) => `var tap${h} = (kv + ${h}u) / dims.in4; var ci${h} = (kv + ${h}u) % dims.in4; var offset${h} = 0;${transposed ? ` var wStart${h} = 0u;` : ''}`)}
  ${xSlots.map((_, i) => `var nx${i} = vec4<f32>();`).join(' ')}
  ${wSlots.map(({ q }) => `var nw${q} = vec4<f32>();`).join(' ')}
  if (kv < last) {
    ${locate}
    ${fetchX}
    ${fetchW}
  }
  // side: the half of workgroup memory. A loop of two constant turns lets compilers bound every index into it and drop their clamps.
  while (kv < last) {
  for (var side = 0u; side < 2u; side++) {
  if (kv < last) {
    ${store('side')}
    workgroupBarrier();
    kv += ${STAGE_VECTORS}u;
    if (kv < last) {
    ${advance}
    ${locate}
    ${fetchX}
    ${fetchW}
    }
    for (var h = 0u; h < ${STAGE_VECTORS}u; h++) {
      ${range(tm)
        .map((i) => `let p${i} = xs[side * ${STAGE_VECTORS * m}u + h * ${m}u + ${i * rowStep}u + row];`)
        .join(' ')}
      ${products}
    }
  } } }
  workgroupBarrier();
  ${statistics ? tileStatistics({ m, tm, tn, rowStep, columnStep, skip }) : ''}
  ${range(tm)
    .map(
      (i) => `{ let pixel = wid.x * ${m}u + ${i * rowStep}u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (${way.outIndex}) * dims.out4${split || positions ? ' + wid.z * total * dims.out4' : ''};
    ${range(tn / 4)
      .map((j) => {
        const group = `firstGroup + column + ${columnStep * j}u`;
        return storeGroup(
          group,
          `to + ${group}`,
          `a${i}_${j}`,
          split ? { add: 'false' } : { skip: skip && !statistics },
        );
      })
      .join('\n    ')} } }`,
    )
    .join('\n  ')}`,
  });
}
