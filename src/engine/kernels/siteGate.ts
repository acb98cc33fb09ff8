/**
 * What the kernels of a gate site share: the pre-activation z, the step and its soft form, and the DReLUs that are shared.
 *
 *   z = BN(y) + residual (or BN of a shortcut convolution's output)
 *   d = (1 − mix)·Φ(s·z) + mix·1[z > 0]
 *   G = the shared d: another channel's of this site, computed anew from y, or one of an earlier site from the DReLU buffer
 */
import { NORM_ROWS, SITE_ROWS } from './siteTables.ts';

export type ResidualKind = 'none' | 'plain' | 'norm';
export type SiteGate = 'identity' | 'relu' | 'mask' | 'share' | 'borrow';

/** What decides the code of a site's kernels; shapes are dims. */
export interface SiteVariant {
  gate: SiteGate;
  residual: ResidualKind;
  /** Later sites share this one's DReLUs: they go to the DReLU buffer, their gradients come back. */
  exported: boolean;
  /** Prototypes carry masks that apply to every sharing channel (share only). */
  masked: boolean;
  /** One α per channel instead of one per neuron. */
  channelMask: boolean;
}

export const siteKey = (v: SiteVariant): string =>
  [v.gate, v.residual, v.exported && 'exported', v.masked && 'masked', v.channelMask && 'by channel']
    .filter(Boolean)
    .join(' ');

export const hasAlpha = (v: SiteVariant): boolean => v.gate === 'mask' || v.masked;

/**
 * Whether the gradient of z needs nothing but the neuron's own z and mask: dz = upstream · slopeOf(z). Such a gradient is computed again
 * where it is read (norm.ts) instead of being stored, except where an identity shortcut hands it on.
 */
export const isLocal = ({ gate, exported }: SiteVariant): boolean =>
  !exported && (gate === 'identity' || gate === 'relu' || gate === 'mask');

/** WGSL of ∂out/∂z of a local gate; sees z, and m (the neuron's mask) where the gate is a mask. */
export const slopeOf = ({ gate }: SiteVariant): string =>
  gate === 'mask'
    ? '(m * hardStep(z) + (1.0 - m))'
    : gate === 'relu'
      ? '(drelu(z) + z * dreluSlope(z))'
      : 'vec4<f32>(1.0)';

/** Index of the α of this thread's four channels: WGSL. */
export const alphaIndex = (v: SiteVariant): string => (v.channelMask ? 'channel4' : 'position * dims.c4 + channel4');

/**
 * The soft step and its derivative. Φ by Abramowitz & Stegun 7.1.26 (absolute error of erf below 1.5e-7).
 * drelu(z) = (1 − mix)·Φ(s·z) + mix·1[z > 0], or the plain step while hyper.soft is 0; dreluSlope is its derivative in z.
 */
export const DRELU_WGSL = /* wgsl */ `
fn hardStep(z: vec4<f32>) -> vec4<f32> { return select(vec4<f32>(), vec4<f32>(1.0), z > vec4<f32>()); }
fn phi(z: vec4<f32>) -> vec4<f32> {
  let x = abs(z) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * x);
  let tail = 0.5 * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-x * x);
  return select(tail, 1.0 - tail, z > vec4<f32>());
}
fn drelu(z: vec4<f32>) -> vec4<f32> {
  let hard = hardStep(z);
  if (hyper.soft == 0u) { return hard; }
  return mix(phi(hyper.slope * z), hard, hyper.mix);
}
fn dreluSlope(z: vec4<f32>) -> vec4<f32> {
  if (hyper.soft == 0u) { return vec4<f32>(); }
  let s = hyper.slope * z;
  return (1.0 - hyper.mix) * hyper.slope * 0.39894228 * exp(-0.5 * s * s);
}`;

/** BN(y) of vector `index` with the norm at `base`: WGSL. */
const NORM_WGSL = /* wgsl */ `
fn normalised(y: vec4<f32>, base: u32, c4: u32, channel4: u32) -> vec4<f32> {
  return y * coefficients[base + ${NORM_ROWS.scale}u * c4 + channel4] + coefficients[base + ${NORM_ROWS.offset}u * c4 + channel4];
}`;

/** z of four channels of this site: WGSL over the buffers y and (where there is one) residual. */
export function preActivationWgsl(residual: ResidualKind): string {
  const vector =
    residual === 'none'
      ? ''
      : residual === 'plain'
        ? ' + residual[at + channel4]'
        : ' + normalised(residual[at + channel4], dims.residualNorm, dims.c4, channel4)';
  return `${NORM_WGSL}
// at: index of the position's first vector.
fn preActivation(at: u32, channel4: u32) -> vec4<f32> { return normalised(y[at + channel4], dims.norm, dims.c4, channel4)${vector}; }`;
}

/** For sharing sites: rows of the site's tables, z of one channel, and `sharedDrelu`: G of four channels that share the DReLUs of the channels `source`. WGSL. */
export function sharedDreluWgsl({ gate, masked, residual }: SiteVariant): string {
  const one =
    gate === 'borrow'
      ? 'g[l] = drelus[dims.dreluIn + (at / dims.c4) * 4u * dims.owner4 + u32(source[l])];'
      : `let other = u32(source[l]);
    var d = drelu(vec4<f32>(preActivationOf(at, other))).x;
    ${
      masked
        ? `let m = mix(1.0, alpha[position * dims.c4 + other / 4u][other % 4u], siteRow(${SITE_ROWS.masked}u, other / 4u)[other % 4u]);
    d = m * d + (1.0 - m);`
        : ''
    }
    g[l] = d;`;
  return `
fn scalar(i: u32) -> f32 { return coefficients[i / 4u][i % 4u]; }
fn preActivationOf(at: u32, channel: u32) -> f32 {
  let g = channel / 4u;
  let l = channel % 4u;
  var z = y[at + g][l] * coefficients[dims.norm + ${NORM_ROWS.scale}u * dims.c4 + g][l] + coefficients[dims.norm + ${NORM_ROWS.offset}u * dims.c4 + g][l];
  ${
    residual === 'plain'
      ? 'z += residual[at + g][l];'
      : residual === 'norm'
        ? `z += residual[at + g][l] * coefficients[dims.residualNorm + ${NORM_ROWS.scale}u * dims.c4 + g][l] + coefficients[dims.residualNorm + ${NORM_ROWS.offset}u * dims.c4 + g][l];`
        : ''
  }
  return z;
}
fn siteRow(row: u32, channel4: u32) -> vec4<f32> { return coefficients[dims.site + row * dims.c4 + channel4]; }
fn sharedDrelu(at: u32, position: u32, source: vec4<f32>) -> vec4<f32> {
  var g = vec4<f32>();
  for (var l = 0u; l < 4u; l++) {
    ${one}
  }
  return g;
}`;
}
