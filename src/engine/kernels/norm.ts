/**
 * Batch norm: statistics forward, their use backward, and folding for evaluation.
 *
 *   mean, variance over (n, y, x) of each channel (biased);  z = γ · (y − mean) / √(variance + ε) + β
 *   running ← 0.9 · running + 0.1 · batch, with the unbiased variance (PyTorch)
 *   dy = γ/√(variance + ε) · (dz − mean(dz) − ŷ · mean(dz·ŷ))
 *
 * Sums are taken around the first value of each channel, so that a large mean does not eat the variance's digits. Two passes
 * without atomics: partial sums by workgroup, then one workgroup per channel group adds them in a fixed order.
 */
import { BATCH_NORM_EPSILON as NORM_EPSILON, BATCH_NORM_MOMENTUM as NORM_MOMENTUM } from '../../domain/network.ts';
import { defineKernel, type Kernel } from '../gpu/kernel.ts';
import { ACROSS, ALONG, helpersOf, KINDS, writePartialSums, sumRows, type Reduce } from './partialSums.ts';
import { alphaIndex, DRELU_WGSL, hasAlpha, preActivationWgsl, siteKey, slopeOf, type SiteVariant } from './siteGate.ts';
import { NORM_ROWS, SITE_ROWS } from './siteTables.ts';

/** First pass. Dims: positions = batch × height × width; rows: positions per workgroup. */
export function normStatisticsKernel(reduce: Reduce): Kernel {
  const { globals, body } = writePartialSums(reduce, 2);
  return defineKernel({
    key: `norm statistics by ${reduce}`,
    dims: ['positions', 'c4', 'rows'],
    buffers: [
      ['y', 'read', 'vec4f'],
      ['partial', 'write', 'vec4f'],
    ],
    workgroup: [ACROSS, ALONG],
    globals,
    body: `
  let channel4 = gid.x;
  let group = wid.y;
  // Σ d and Σ d², d = y less the channel's first value.
  var sums = array<vec4<f32>, 2>();
  if (channel4 < dims.c4) {
    let origin = y[channel4];
    let last = min((group + 1u) * dims.rows, dims.positions);
    for (var i = group * dims.rows + lid.y; i < last; i += ${ALONG}u) {
      let d = y[i * dims.c4 + channel4] - origin;
      sums[0] += d;
      sums[1] += d * d;
    }
  }
  ${body}`,
  });
}

/**
 * WGSL that writes a norm's rows from its `mean` and `inverse` deviation, and the affine of a sharing site (its free channels take the trained
 * scale and shift, the others (1, 0)). The names say where offsets, in vectors, are to be found; site = 0xffffffff: no sharing site.
 */
const writeRows = (at: Record<'c4' | 'norm' | 'gamma' | 'beta' | 'site' | 'scale' | 'shift', string>): string => `
  let slope = parameters[${at.gamma} + channel4] * inverse;
  coefficients[${at.norm} + ${NORM_ROWS.mean}u * ${at.c4} + channel4] = mean;
  coefficients[${at.norm} + ${NORM_ROWS.inverse}u * ${at.c4} + channel4] = inverse;
  coefficients[${at.norm} + ${NORM_ROWS.scale}u * ${at.c4} + channel4] = slope;
  coefficients[${at.norm} + ${NORM_ROWS.offset}u * ${at.c4} + channel4] = parameters[${at.beta} + channel4] - mean * slope;
  if (${at.site} != 0xffffffffu) {
    let free = coefficients[${at.site} + ${SITE_ROWS.free}u * ${at.c4} + channel4];
    coefficients[${at.site} + ${SITE_ROWS.a}u * ${at.c4} + channel4] = mix(vec4<f32>(1.0), parameters[${at.scale} + channel4], free);
    coefficients[${at.site} + ${SITE_ROWS.b}u * ${at.c4} + channel4] = parameters[${at.shift} + channel4] * free;
  }`;

/** Rows that a tile of a convolution leaves for each channel: Σ d, Σ d², and its first pixel, which d is taken around. */
export const TILE_KINDS = 3;

const FINISH_DIMS = [
  'positions',
  'c4',
  'groups',
  'norm',
  'gamma',
  'beta',
  'runningMean',
  'runningVariance',
  'site',
  'scale',
  'shift',
] as const;

/** WGSL that ends a finish: from `sum` and `square`, taken around `origin`, to coefficients in force and running statistics. */
const FINISH_WGSL = `
  let count = f32(dims.positions);
  let shift = sum / count;
  let mean = origin + shift;
  let variance = max(square / count - shift * shift, vec4<f32>());
  let inverse = inverseSqrt(variance + ${NORM_EPSILON});
  ${writeRows({
    c4: 'dims.c4',
    norm: 'dims.norm',
    gamma: 'dims.gamma',
    beta: 'dims.beta',
    site: 'dims.site',
    scale: 'dims.scale',
    shift: 'dims.shift',
  })}
  let unbiased = variance * (count / max(count - 1.0, 1.0));
  let m = dims.runningMean + channel4;
  let v = dims.runningVariance + channel4;
  running[m] = ${1 - NORM_MOMENTUM} * running[m] + ${NORM_MOMENTUM} * mean;
  running[v] = ${1 - NORM_MOMENTUM} * running[v] + ${NORM_MOMENTUM} * unbiased;`;

const FINISH_BUFFERS = [
  ['partial', 'read', 'vec4f'],
  ['parameters', 'read', 'vec4f'],
  ['running', 'read_write', 'vec4f'],
  ['coefficients', 'read_write', 'vec4f'],
] as const;

/** Second pass, one workgroup for each channel group: coefficients in force and running statistics. */
export function normFinishKernel(reduce: Reduce): Kernel {
  return defineKernel({
    key: `norm finish by ${reduce}`,
    dims: FINISH_DIMS,
    buffers: [['y', 'read', 'vec4f'], ...FINISH_BUFFERS],
    workgroup: [reduce === 'workgroup' ? KINDS * helpersOf(reduce) : 1],
    globals: sumRows(reduce, 2),
    body: `
  let channel4 = wid.x;
  ${
    reduce === 'workgroup'
      ? `let found = sumRows(lid.x % ${KINDS}u, lid.x / ${KINDS}u, channel4);
  if (lid.x != 0u) { return; }
  let sum = found;
  var square = vec4<f32>();
  for (var h = 0u; h < ${helpersOf(reduce)}u; h++) { square += lanes[h * ${KINDS}u + 1u]; }`
      : 'let sum = sumRows(0u, 0u, channel4);\n  let square = sumRows(1u, 0u, channel4);'
  }
  let origin = y[channel4];${FINISH_WGSL}`,
  });
}

/**
 * Second pass after a convolution that left TILE_KINDS rows for each tile: every tile's sums are moved to the first tile's origin O,
 *
 *   Σ (y − O) = Σ d + n·δ,   Σ (y − O)² = Σ d² + 2·δ·Σ d + n·δ²,   δ = the tile's origin − O, n its pixels
 *
 * and added: 64 threads take every 64th tile each, then all add those sums in order. A second round takes the first one's mean as O, so that
 * the mean is as exact as float32 holds it: gradients that nearly vanish depend on it. Dims as normFinishKernel; groups: tiles; perTile:
 * pixels of a tile.
 */
export const normFinishTilesKernel: Kernel = defineKernel({
  key: 'norm finish of tiles',
  dims: [...FINISH_DIMS, 'perTile'],
  buffers: FINISH_BUFFERS,
  workgroup: [64],
  globals: 'var<workgroup> sums: array<vec4<f32>, 64>;\nvar<workgroup> squares: array<vec4<f32>, 64>;',
  body: `
  let channel4 = wid.x;
  var origin = partial[2u * dims.c4 + channel4];
  var sum = vec4<f32>();
  var square = vec4<f32>();
  for (var round = 0u; round < 2u; round++) {
    var mySum = vec4<f32>();
    var mySquare = vec4<f32>();
    for (var g = lid.x; g < dims.groups; g += 64u) {
      let n = f32(min(dims.perTile, dims.positions - g * dims.perTile));
      let d = partial[3u * g * dims.c4 + channel4];
      let delta = partial[(3u * g + 2u) * dims.c4 + channel4] - origin;
      mySum += d + n * delta;
      mySquare += partial[(3u * g + 1u) * dims.c4 + channel4] + delta * (2.0 * d + n * delta);
    }
    sums[lid.x] = mySum;
    squares[lid.x] = mySquare;
    workgroupBarrier();
    sum = vec4<f32>();
    square = vec4<f32>();
    for (var h = 0u; h < 64u; h++) { sum += sums[h]; square += squares[h]; }
    workgroupBarrier();
    if (round == 0u) { origin += sum / f32(dims.positions); }
  }
  if (lid.x != 0u) { return; }
  ${FINISH_WGSL}`,
});

/** Words of one row of the folding table: one channel group of one norm. */
export const FOLD_WORDS = 12;

/**
 * Evaluation: coefficients of every norm and sharing site from running statistics, in one dispatch. A row of the table: c4, channel4, norm,
 * gamma, beta, runningMean, runningVariance, site, scale, shift (offsets in vectors; two words spare).
 */
export const normFoldKernel: Kernel = defineKernel({
  key: 'norm fold',
  dims: ['rows'],
  buffers: [
    ['table', 'read', 'vec4u'],
    ['parameters', 'read', 'vec4f'],
    ['running', 'read', 'vec4f'],
    ['coefficients', 'read_write', 'vec4f'],
  ],
  workgroup: [64],
  body: `
  if (gid.x >= dims.rows) { return; }
  let first = table[3u * gid.x];
  let second = table[3u * gid.x + 1u];
  let third = table[3u * gid.x + 2u];
  let channel4 = first.y;
  let inverse = inverseSqrt(running[second.z + channel4] + ${NORM_EPSILON});
  let mean = running[second.y + channel4];
  ${writeRows({
    c4: 'first.x',
    norm: 'first.z',
    gamma: 'first.w',
    beta: 'second.x',
    site: 'second.w',
    scale: 'third.x',
    shift: 'third.y',
  })}`,
});

/**
 * Third pass: dy of the normalised tensor and, with a normalised shortcut, of the shortcut's convolution.
 * @param gate a local gate (siteGate.ts) behind the norm: dz is computed again from the gradient of its output; null: dz is read
 */
export function normBackwardKernel(residualNorm: boolean, gate: SiteVariant | null): Kernel {
  const through = (
    y: string,
    base: string,
  ) => `let inverse = coefficients[${base} + ${NORM_ROWS.inverse}u * dims.c4 + channel4];
    let normalisedY = (${y}[index] - coefficients[${base} + ${NORM_ROWS.mean}u * dims.c4 + channel4]) * inverse;
    var d = coefficients[${base} + ${NORM_ROWS.scale}u * dims.c4 + channel4] * (dz - coefficients[${base} + ${NORM_ROWS.meanGradient}u * dims.c4 + channel4] - normalisedY * coefficients[${base} + ${NORM_ROWS.meanProduct}u * dims.c4 + channel4]);`;
  const masked = gate !== null && hasAlpha(gate);
  return defineKernel({
    key: `norm backward${residualNorm ? ' with shortcut' : ''}${gate ? ` through ${siteKey(gate)}` : ''}`,
    dims: ['length', 'positions', 'c4', 'norm', 'residualNorm', 'accumulate'],
    hyper: gate !== null,
    buffers: [
      ['gradient', 'read', 'vec4f'],
      ['y', 'read', 'vec4f'],
      ['coefficients', 'read', 'vec4f'],
      ...(masked ? ([['alpha', 'read', 'vec4f']] as const) : []),
      ['dy', 'write', 'vec4f'],
      ...(residualNorm
        ? ([
            ['residual', 'read', 'vec4f'],
            ['dResidual', 'write', 'vec4f'],
          ] as const)
        : []),
    ],
    workgroup: [64],
    globals: gate ? DRELU_WGSL + preActivationWgsl(residualNorm ? 'norm' : 'none') : '',
    body: `
  let index = gid.x + gid.y * wgs.x * 64u;
  if (index >= dims.length) { return; }
  let channel4 = index % dims.c4;
  var dz = gradient[index];
  ${masked ? `let position = (index / dims.c4) % dims.positions;\n  let m = alpha[${alphaIndex(gate)}];` : ''}
  ${gate ? `let z = preActivation(index - channel4, channel4);\n  dz *= ${slopeOf(gate)};` : ''}
  {
    ${through('y', 'dims.norm')}
    if (dims.accumulate != 0u) { d += dy[index]; }
    dy[index] = d;
  }
  ${residualNorm ? `{\n    ${through('residual', 'dims.residualNorm')}\n    dResidual[index] = d;\n  }` : ''}`,
  });
}
