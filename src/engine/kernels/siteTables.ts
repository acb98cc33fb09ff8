/**
 * The coefficient buffer: everything per channel that batch norms and gates share between kernels, as vec4 groups of channels.
 *
 * A norm owns NORM_ROWS rows of C/4 vectors, a gate site SITE_ROWS rows; row k of a block that starts at `base` is
 * coefficients[base + k · C/4 + c/4]. Behind the rows of a sharing site lie its members as plain floats: `starts` (owner
 * channels + 1 entries) and `list`, so that the channels that share owner channel k's DReLU are list[starts[k] … starts[k+1] − 1].
 */

/** An offset that says "there is none": no residual norm, no affine, no sharing site. */
export const NONE = 0xffffffff;

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
  /** 1 where the channel is a prototype whose DReLU is masked for every channel that shares it. */
  masked: 3,
  /** Channel of the owner whose DReLU is shared, as a float. */
  source: 4,
} as const;
export const SITE_ROW_COUNT = 5;
