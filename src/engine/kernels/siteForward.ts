/**
 * A gate site, forward: batch norm, residual and gate in one pass.
 *
 *   z   = BN(y) + residual (or BN of a shortcut convolution's output)
 *   out = z · (a · G + b),  G = the consulted DReLU: own, another channel's, or one of an earlier site from the arena
 *
 * A thread owns four channels of one position. A site that others consult also writes its own DReLUs (masked where its prototypes
 * are) to the arena, a buffer that outlives the site: borrowers read it there instead of computing that site's z again.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';
import { DRELU_WGSL, hasAlpha, preActivationWgsl, SITE_ROWS, siteKey, type SiteVariant } from './siteTables.ts';

/** positions: height × width; owner4, arenaIn: the consulted site's groups and arena offset (floats); arenaOut: this site's own. */
export const SITE_FORWARD_DIMS = [
  'batch',
  'positions',
  'c4',
  'norm',
  'residualNorm',
  'site',
  'owner4',
  'arenaIn',
  'arenaOut',
] as const;

export function siteForwardKernel(variant: SiteVariant): Kernel {
  const { gate, residual, published, masked, channelMask } = variant;
  const alphaAt = channelMask ? 'channel4' : 'position * dims.c4 + channel4';
  const usesArena = published || gate === 'borrow';
  const own = {
    identity: 'let result = z;',
    relu: 'let result = z * drelu(z);',
    mask: `let m = alpha[${alphaAt}];\n  let result = z * (m * hardStep(z) + (1.0 - m));`,
    // The DReLU of another channel of this site: its z is computed anew from y, four scalar loads.
    share: `var g = vec4<f32>();
  let source = siteRow(${SITE_ROWS.source}u, channel4);
  for (var l = 0u; l < 4u; l++) {
    let other = u32(source[l]);
    var d = drelu(vec4<f32>(preActivationOf(at, other))).x;
    ${
      masked
        ? `let m = mix(1.0, alpha[${channelMask ? 'other / 4u' : 'position * dims.c4 + other / 4u'}][other % 4u], siteRow(${SITE_ROWS.masked}u, other / 4u)[other % 4u]);
    d = m * d + (1.0 - m);`
        : ''
    }
    g[l] = d;
  }
  let result = z * (siteRow(${SITE_ROWS.a}u, channel4) * g + siteRow(${SITE_ROWS.b}u, channel4));`,
    borrow: `var g = vec4<f32>();
  let source = siteRow(${SITE_ROWS.source}u, channel4);
  for (var l = 0u; l < 4u; l++) { g[l] = arena[dims.arenaIn + (at / dims.c4) * 4u * dims.owner4 + u32(source[l])]; }
  let result = z * (siteRow(${SITE_ROWS.a}u, channel4) * g + siteRow(${SITE_ROWS.b}u, channel4));`,
  }[gate];
  const publish = published
    ? `var shown = drelu(z);
  ${masked ? `let own = mix(vec4<f32>(1.0), alpha[${alphaAt}], siteRow(${SITE_ROWS.masked}u, channel4));\n  shown = own * shown + (vec4<f32>(1.0) - own);` : ''}
  for (var l = 0u; l < 4u; l++) { arena[dims.arenaOut + 4u * (at + channel4) + l] = shown[l]; }`
    : '';

  return defineKernel({
    key: `site forward ${siteKey(variant)}`,
    dims: SITE_FORWARD_DIMS,
    hyper: true,
    buffers: [
      ['y', 'read', 'vec4f'],
      ...(residual !== 'none' ? ([['residual', 'read', 'vec4f']] as const) : []),
      ['coefficients', 'read', 'vec4f'],
      ...(hasAlpha(variant) ? ([['alpha', 'read', 'vec4f']] as const) : []),
      ...(usesArena ? ([['arena', 'read_write', 'f32']] as const) : []),
      ['out', 'read_write', 'vec4f'],
    ],
    workgroup: [64],
    globals: DRELU_WGSL + preActivationWgsl(residual),
    body: `
  let index = gid.x + gid.y * wgs.x * 64u;
  if (index >= dims.batch * dims.positions * dims.c4) { return; }
  let channel4 = index % dims.c4;
  let at = index - channel4;
  let position = (index / dims.c4) % dims.positions;
  let z = preActivation(at, channel4);
  ${own}
  ${publish}
  out[index] = result;`,
  });
}
