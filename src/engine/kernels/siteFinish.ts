/**
 * A gate site, backward, second pass: from partial sums to the gradients of its parameters.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';
import { helpersOf, KINDS, sumRows, type Reduce } from './partialSums.ts';
import { NORM_ROWS, SITE_ROWS } from './siteTables.ts';

/**
 * Second pass of a site's backward, one workgroup per channel group (and, beyond them, for the masks): adds the partial sums, writes the
 * gradients of γ, β (the shortcut's too), scale and shift, the means that the third pass needs, and dα.
 *
 * Gradient offsets are in vectors; 0xffffffff where there is none. alphaVectors: groups × positions of the mask (groups alone by channel).
 */
export const SITE_FINISH_DIMS = [
  'c4',
  'groups',
  'count',
  'norm',
  'residualNorm',
  'gamma',
  'beta',
  'gammaR',
  'betaR',
  'site',
  'scale',
  'shift',
  'slices',
  'positions',
  'alphaAt',
  'alphaVectors',
] as const;

export function siteFinishKernel(alpha: 'none' | 'pixel' | 'channel', reduce: Reduce): Kernel {
  const add = (at: string, value: string) =>
    `{ var v = ${value}; if (hyper.accumulate != 0u) { v += gradients[${at} + channel4]; } gradients[${at} + channel4] = v; }`;
  const mean = (base: string, row: number) =>
    `coefficients[${base} + ${row}u * dims.c4 + channel4] = sum / f32(dims.count);`;
  const threads = KINDS * helpersOf(reduce);
  return defineKernel({
    key: `site finish ${alpha} by ${reduce}`,
    dims: SITE_FINISH_DIMS,
    hyper: true,
    buffers: [
      ['partial', 'read', 'vec4f'],
      ['coefficients', 'read_write', 'vec4f'],
      ['gradients', 'write', 'vec4f'],
      ...(alpha === 'none'
        ? []
        : ([
            ['alpha', 'read', 'vec4f'],
            ['alphaGradient', 'write', 'vec4f'],
          ] as const)),
    ],
    workgroup: [threads],
    globals: sumRows(reduce, 5),
    body: `
  if (wid.x < dims.c4) {
    // A lane a kind of sum: dz, dz·ŷ, dz·ŷ of the shortcut, dout·z·G, dout·z.
    let channel4 = wid.x;
    let kind = lid.x % ${KINDS}u;
    let sum = sumRows(kind, lid.x / ${KINDS}u, channel4);
    let residual = dims.gammaR != 0xffffffffu;
    let affine = dims.scale != 0xffffffffu;
    if (lid.x == 0u) {
      ${add('dims.beta', 'sum')}
      ${mean('dims.norm', NORM_ROWS.meanGradient)}
      if (residual) {
        ${add('dims.betaR', 'sum')}
        ${mean('dims.residualNorm', NORM_ROWS.meanGradient)}
      }
    } else if (lid.x == 1u) {
      ${add('dims.gamma', 'sum')}
      ${mean('dims.norm', NORM_ROWS.meanProduct)}
    } else if (lid.x == 2u && residual) {
      ${add('dims.gammaR', 'sum')}
      ${mean('dims.residualNorm', NORM_ROWS.meanProduct)}
    } else if (lid.x == 3u && affine) {
      ${add('dims.scale', `sum * coefficients[dims.site + ${SITE_ROWS.free}u * dims.c4 + channel4]`)}
    } else if (lid.x == 4u && affine) {
      ${add('dims.shift', `sum * coefficients[dims.site + ${SITE_ROWS.free}u * dims.c4 + channel4]`)}
    }
  }
  ${
    alpha === 'none'
      ? ''
      : `let i = wid.x * ${threads}u + lid.x;
  if (i < dims.alphaVectors) {
    var total = vec4<f32>();
    for (var s = 0u; s < dims.slices${alpha === 'channel' ? ' * dims.positions' : ''}; s++) { total += partial[dims.alphaAt + s * dims.alphaVectors + i]; }
    // λ·Σ|α| enters once per step; sign(0) = 0, as PyTorch's abs().
    if (hyper.accumulate != 0u) { total += alphaGradient[i]; } else { total += hyper.lambda * sign(alpha[i]); }
    alphaGradient[i] = total;
  }`
  }`,
  });
}

/** Workgroups a site's finish needs. */
export const siteFinishGroups = (c4: number, alphaVectors: number, reduce: Reduce): number =>
  Math.max(c4, Math.ceil(alphaVectors / (KINDS * helpersOf(reduce))));
