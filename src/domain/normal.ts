/**
 * The standard normal distribution: Φ, GELU's gate, and its density.
 *
 * erf by its Maclaurin series near 0 and the continued fraction of erfc elsewhere (Abramowitz & Stegun 7.1.6, 7.1.14): double
 * precision to about 1e-14.
 *
 * Public: normalCdf(z); normalPdf(z).
 */
function erfcPositive(x: number): number {
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 100 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  if (x > 27) return 0;
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** Φ(z) = ½·(1 + erf(z/√2)). */
export function normalCdf(z: number): number {
  const tail = erfcPositive(Math.abs(z) / Math.SQRT2) / 2;
  return z < 0 ? tail : 1 - tail;
}

export const normalPdf = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
