/**
 * A gate site, backward, first pass: through the gate to dz, with every per-channel sum that batch norm and the affine need.
 *
 *   out = z · (a·G + b)
 *   dz_c  = dout_c · (a_c·G + b_c)  +  ∂d/∂z_c · m_c · dG_c
 *   dG_k  = Σ over channels c that share k's DReLU of dout_c · a_c · z_c     (own channels here; borrowers add theirs through the DReLU buffer)
 *   dα    = dG · (d − 1),  da = Σ dout · z · G,  db = Σ dout · z
 *   sums over n, y, x: dz, dz·ŷ, dz·ŷ of the shortcut, dout·z·G, dout·z
 *
 * A thread owns four channels of one position and walks the images of its slice of the batch, so that the masks' gradient needs no
 * second pass over the activations. A workgroup is 4 channel groups × 16 positions; its sums go to rows of partials (partialSums.ts), which
 * siteFinish adds in order.
 *
 * The gradient of a shared DReLU (dG) is needed only where something reads it: while soft, or behind masks.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';
import { ACROSS, ALONG, writePartialSums, type Reduce } from './partialSums.ts';
import {
  alphaIndex,
  sharedDreluWgsl,
  DRELU_WGSL,
  hasAlpha,
  preActivationWgsl,
  siteKey,
  slopeOf,
  type SiteVariant,
} from './siteGate.ts';
import { NORM_ROWS, SITE_ROWS } from './siteTables.ts';

/**
 * range4: channel groups a thread may own (the larger of this site's and the owner's); perSlice: images per slice; alphaAt: where the
 * mask's partial gradients start in `partial` (vectors); members: start of the member lists (floats) in the coefficients;
 * gradientIn / gradientOut: offsets in the DReLU buffer of dG of this site and of the owner; addToOwner: a later borrower wrote there already;
 * ownerMasked: the owner shows masks.
 */
export const SITE_BACKWARD_DIMS = [
  'batch',
  'positions',
  'c4',
  'norm',
  'residualNorm',
  'site',
  'owner4',
  'dreluIn',
  'range4',
  'perSlice',
  'alphaAt',
  'members',
  'gradientIn',
  'gradientOut',
  'addToOwner',
  'ownerMasked',
] as const;

export const SITE_SUMS = 5;

/** @param stored dz is written for later kernels; false only for local gates (siteGate.ts) */
export function siteBackwardKernel(variant: SiteVariant, reduce: Reduce, stored = true): Kernel {
  const { gate, residual, exported, masked } = variant;
  const sharing = gate === 'share' || gate === 'borrow';
  const alphaAt = alphaIndex(variant);
  const usesDrelus = exported || gate === 'borrow';
  const partials = writePartialSums(reduce, SITE_SUMS);
  const throughGate = {
    identity: 'var dz = upstream;',
    relu: `var dz = upstream * ${slopeOf(variant)};`,
    mask: `var dz = upstream * ${slopeOf(variant)};\n      alphaSum += upstream * z * (hardStep(z) - 1.0);`,
    share: '',
    borrow: '',
  }[gate];
  const throughShare = sharing
    ? `let g = sharedDrelu(at, position, source);
      let product = upstream * z;
      sums[3] += product * g;
      sums[4] += product;
      var dz = upstream * (a * g + b);`
    : '';
  // Σ over members of dout · a · z for the four owner channels of group `channel4`.
  const memberSum = `
fn memberGradient(at: u32, channel4: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var l = 0u; l < 4u; l++) {
    let k = 4u * channel4 + l;
    if (k < dims.owner4 * 4u) {
      let first = u32(scalar(dims.members + k));
      let last = u32(scalar(dims.members + k + 1u));
      for (var e = first; e < last; e++) {
        let c = u32(scalar(dims.members + 4u * dims.owner4 + 1u + e));
        sum[l] += upstreams[at + c / 4u][c % 4u] * siteRow(${SITE_ROWS.a}u, c / 4u)[c % 4u] * preActivationOf(at, c);
      }
    }
  }
  return sum;
}`;
  const readGradient = `var shown = vec4<f32>();
        for (var l = 0u; l < 4u; l++) { shown[l] = drelus[dims.gradientIn + 4u * (at + channel4) + l]; }`;
  const fromSharers =
    gate === 'share'
      ? `${masked ? '{' : 'if (hyper.soft != 0u) {'}
        var dg = memberGradient(at, channel4);
        ${exported ? `{ ${readGradient} dg += shown; }` : ''}
        ${masked ? `dz += m * dreluSlope(z) * dg;\n        alphaSum += isMasked * dg * (drelu(z) - 1.0);` : 'dz += dreluSlope(z) * dg;'}
      }`
      : exported
        ? `if (hyper.soft != 0u) { ${readGradient} dz += dreluSlope(z) * shown; }`
        : '';

  return defineKernel({
    key: `site backward ${siteKey(variant)}${stored ? '' : ' sums'} by ${reduce}`,
    dims: SITE_BACKWARD_DIMS,
    hyper: true,
    buffers: [
      ['y', 'read', 'vec4f'],
      ...(residual !== 'none' ? ([['residual', 'read', 'vec4f']] as const) : []),
      ['coefficients', 'read', 'vec4f'],
      ...(hasAlpha(variant) ? ([['alpha', 'read', 'vec4f']] as const) : []),
      ...(usesDrelus ? ([['drelus', 'read_write', 'f32']] as const) : []),
      ['upstreams', 'read', 'vec4f'],
      ...(stored ? ([['downstream', 'write', 'vec4f']] as const) : []),
      ['partial', 'write', 'vec4f'],
    ],
    workgroup: [ACROSS, ALONG],
    globals: `${DRELU_WGSL}${preActivationWgsl(residual)}
${sharing ? sharedDreluWgsl(variant) + memberSum : ''}
${partials.globals}`,
    body: `
  let channel4 = gid.x;
  let position = gid.y;
  let mine = channel4 < dims.c4 && position < dims.positions;
  var sums = array<vec4<f32>, ${SITE_SUMS}>();
  var alphaSum = vec4<f32>();
  let firstImage = wid.z * dims.perSlice;
  let lastImage = min(firstImage + dims.perSlice, dims.batch);
  if (mine) {
    let mean = coefficients[dims.norm + ${NORM_ROWS.mean}u * dims.c4 + channel4];
    let inverse = coefficients[dims.norm + ${NORM_ROWS.inverse}u * dims.c4 + channel4];
    ${residual === 'norm' ? `let meanR = coefficients[dims.residualNorm + ${NORM_ROWS.mean}u * dims.c4 + channel4];\n    let inverseR = coefficients[dims.residualNorm + ${NORM_ROWS.inverse}u * dims.c4 + channel4];` : ''}
    ${sharing ? `let a = siteRow(${SITE_ROWS.a}u, channel4);\n    let b = siteRow(${SITE_ROWS.b}u, channel4);\n    let source = siteRow(${SITE_ROWS.source}u, channel4);` : ''}
    ${gate === 'mask' ? `let m = alpha[${alphaAt}];` : masked ? `let isMasked = siteRow(${SITE_ROWS.masked}u, channel4);\n    let m = mix(vec4<f32>(1.0), alpha[${alphaAt}], isMasked);` : ''}
    for (var n = firstImage; n < lastImage; n++) {
      let at = (n * dims.positions + position) * dims.c4;
      let z = preActivation(at, channel4);
      let upstream = upstreams[at + channel4];
      ${throughGate}${throughShare}
      ${fromSharers}
      ${stored ? 'downstream[at + channel4] = dz;' : ''}
      sums[0] += dz;
      sums[1] += dz * (y[at + channel4] - mean) * inverse;
      ${residual === 'norm' ? 'sums[2] += dz * (residual[at + channel4] - meanR) * inverseR;' : ''}
    }
    ${hasAlpha(variant) ? 'partial[dims.alphaAt + (wid.z * dims.positions + position) * dims.c4 + channel4] = alphaSum;' : ''}
  }
  ${
    gate === 'borrow'
      ? `if (channel4 < dims.owner4 && position < dims.positions && (hyper.soft != 0u || dims.ownerMasked != 0u)) {
    for (var n = firstImage; n < lastImage; n++) {
      let dg = memberGradient((n * dims.positions + position) * dims.c4, channel4);
      let to = dims.gradientOut + 4u * ((n * dims.positions + position) * dims.owner4 + channel4);
      for (var l = 0u; l < 4u; l++) {
        if (dims.addToOwner != 0u) { drelus[to + l] += dg[l]; } else { drelus[to + l] = dg[l]; }
      }
    }
  }`
      : ''
  }
  let group = wid.z * wgs.y + wid.y;
  ${partials.body}`,
  });
}
