/**
 * The coefficient buffer: everything per channel that batch norms and gates share between kernels, as vec4 groups of channels.
 *
 * A norm owns NORM_ROWS rows of C/4 vectors, a gate site SITE_ROWS rows; row k of a block that starts at `base` is
 * coefficients[base + k · C/4 + c/4]. Behind the rows of a sharing site lie its members as plain floats: `starts` (owner
 * channels + 1 entries) and `list`, so that the channels that consult owner channel k are list[starts[k] … starts[k+1] − 1].
 */
export const NORM_ROWS = {
  mean: 0,
  /** 1 / √(variance + ε) */
  inverse: 1,
  /** z = scale · y + offset: γ · inverse and β − mean · scale. */
  scale: 2,
  offset: 3,
  /** Backward: mean of dz and of dz · ŷ. */
  meanGradient: 4,
  meanProduct: 5,
} as const;
export const NORM_ROW_COUNT = 6;

export const SITE_ROWS = {
  /** Affine in force: replicates' trained values, (1, 0) elsewhere. */
  a: 0,
  b: 1,
  /** 1 where the affine is trained. */
  free: 2,
  /** 1 where the channel is a prototype whose DReLU is masked for everybody who consults it. */
  masked: 3,
  /** Consulted channel of the owner, as a float. */
  source: 4,
} as const;
export const SITE_ROW_COUNT = 5;

/** BN(y) of vector `index` with the norm at `base`: WGSL. */
export const NORM_WGSL = /* wgsl */ `
fn normalised(y: vec4<f32>, base: u32, c4: u32, channel4: u32) -> vec4<f32> {
  return y * coefficients[base + ${NORM_ROWS.scale}u * c4 + channel4] + coefficients[base + ${NORM_ROWS.offset}u * c4 + channel4];
}`;

/**
 * The soft step and its derivative. Φ by Abramowitz & Stegun 7.1.26 (absolute error of erf below 1.5e-7).
 * drelu(z) = (1 − mix)·Φ(s·z) + mix·1[z > 0], or the plain step while hyper.soft is 0; slopeOf is its derivative in z.
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

export type ResidualKind = 'none' | 'plain' | 'norm';
export type SiteGate = 'identity' | 'relu' | 'mask' | 'share' | 'borrow';

/** What decides the code of a site's kernels; shapes are dims. */
export interface SiteVariant {
  gate: SiteGate;
  residual: ResidualKind;
  /** Other sites consult this one: its DReLUs go to the arena, their gradients come back. */
  published: boolean;
  /** Prototypes carry masks that everybody sees (share only). */
  masked: boolean;
  /** One α a channel instead of one a neuron. */
  channelMask: boolean;
}

export const siteKey = (v: SiteVariant): string =>
  [v.gate, v.residual, v.published && 'published', v.masked && 'masked', v.channelMask && 'by channel']
    .filter(Boolean)
    .join(' ');

export const hasAlpha = (v: SiteVariant): boolean => v.gate === 'mask' || v.masked;

/** z of this site, as a vector and as a single channel: WGSL over the buffers y and (where there is one) residual. */
export function preActivationWgsl(residual: ResidualKind): string {
  const vector =
    residual === 'none'
      ? ''
      : residual === 'plain'
        ? ' + residual[at + channel4]'
        : ' + normalised(residual[at + channel4], dims.residualNorm, dims.c4, channel4)';
  return `${NORM_WGSL}
// at: index of the position's first vector.
fn preActivation(at: u32, channel4: u32) -> vec4<f32> { return normalised(y[at + channel4], dims.norm, dims.c4, channel4)${vector}; }
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
fn siteRow(row: u32, channel4: u32) -> vec4<f32> { return coefficients[dims.site + row * dims.c4 + channel4]; }`;
}
