/**
 * A gate site, forward: batch norm, residual and gate in one pass.
 *
 *   z   = BN(y) + residual (or BN of a shortcut convolution's output)
 *   out = z · (a · G + b),  G = the shared DReLU: own, another channel's, or one of an earlier site from the DReLU buffer
 *
 * A thread owns four channels of one position. A site whose DReLUs later sites share also writes its own DReLUs (masked where its prototypes
 * are) to the DReLU buffer, a buffer that outlives the site: borrowers read it there instead of computing that site's z again.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';
import {
  alphaIndex,
  sharedDreluWgsl,
  DRELU_WGSL,
  hasAlpha,
  preActivationWgsl,
  siteKey,
  type SiteVariant,
} from './siteGate.ts';
import { SITE_ROWS } from './siteTables.ts';

/** positions: height × width; owner4, dreluIn: the owner (the site whose DReLUs are shared)'s groups and offset in the DReLU buffer (floats); dreluOut: this site's own. */
export const SITE_FORWARD_DIMS = [
  'batch',
  'positions',
  'c4',
  'norm',
  'residualNorm',
  'site',
  'owner4',
  'dreluIn',
  'dreluOut',
] as const;

export function siteForwardKernel(variant: SiteVariant): Kernel {
  const { gate, residual, exported, masked } = variant;
  const usesDrelus = exported || gate === 'borrow';
  const sharing = gate === 'share' || gate === 'borrow';
  const throughShare = `let g = sharedDrelu(at, position, siteRow(${SITE_ROWS.source}u, channel4));
  let result = z * (siteRow(${SITE_ROWS.a}u, channel4) * g + siteRow(${SITE_ROWS.b}u, channel4));`;
  const own = {
    identity: 'let result = z;',
    relu: 'let result = z * drelu(z);',
    mask: `let m = alpha[${alphaIndex(variant)}];\n  let result = z * (m * hardStep(z) + (1.0 - m));`,
    share: throughShare,
    borrow: throughShare,
  }[gate];
  const publish = exported
    ? `var shown = drelu(z);
  ${masked ? `let own = mix(vec4<f32>(1.0), alpha[${alphaIndex(variant)}], siteRow(${SITE_ROWS.masked}u, channel4));\n  shown = own * shown + (vec4<f32>(1.0) - own);` : ''}
  for (var l = 0u; l < 4u; l++) { drelus[dims.dreluOut + 4u * (at + channel4) + l] = shown[l]; }`
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
      ...(usesDrelus ? ([['drelus', 'read_write', 'f32']] as const) : []),
      ['out', 'write', 'vec4f'],
    ],
    workgroup: [64],
    globals: DRELU_WGSL + preActivationWgsl(residual) + (sharing ? sharedDreluWgsl(variant) : ''),
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
