import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from './eigenvalues.ts';
import { effectiveDimension, suggestPrototypes } from './effectiveDimension.ts';
import { covarianceOf, patternsFrom, shuffled } from './gatePatterns.ts';
import { network } from './presets.ts';
import { seeded } from './testing.ts';

/** Q·diag(values)·Qᵀ with Q a product of random Householder reflections. */
function withEigenvalues(values: number[], seed: number): Float64Array {
  const n = values.length;
  const random = seeded(seed);
  let matrix = Float64Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) === i % n ? values[i % n] : 0));
  for (let pass = 0; pass < 3; pass++) {
    const v = Array.from({ length: n }, () => random.next() - 0.5);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const h = (i: number, j: number) => (i === j ? 1 : 0) - (2 * v[i] * v[j]) / square;
    const times = (a: Float64Array, f: (i: number, j: number) => number, left: boolean) =>
      Float64Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        let sum = 0;
        for (let k = 0; k < n; k++) sum += left ? f(i, k) * a[k * n + j] : a[i * n + k] * f(k, j);
        return sum;
      });
    matrix = times(times(matrix, h, true), h, false);
  }
  return matrix;
}

describe('eigenvalues of a symmetric matrix', () => {
  it('are those it was built from, repeated, zero and negative ones too', () => {
    for (const values of [[3], [2, 1], [5, 5, 5, 0, 0, -1, -7], [1e6, 1, 1e-6], [0, 0, 0, 0]]) {
      const found = symmetricEigenvalues(withEigenvalues(values, 3), values.length);
      const scale = Math.max(1, ...values.map(Math.abs));
      values
        .toSorted((a, b) => b - a)
        .forEach((value, i) => expect(Math.abs(found[i] - value) / scale).toBeLessThan(1e-12));
    }
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const values = Array.from({ length: 1 + random.below(40) }, () => Math.round((random.next() - 0.3) * 1e3) / 1e2);
      const found = symmetricEigenvalues(withEigenvalues(values, seed + 100), values.length);
      values.toSorted((a, b) => b - a).forEach((value, i) => expect(found[i], `seed ${seed}`).toBeCloseTo(value, 9));
    }
  });

  it('of the second-difference matrix are 2 − 2·cos(kπ/(n+1))', () => {
    const n = 64;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
    }
    const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))).reverse();
    symmetricEigenvalues(matrix, n).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
  });

  it('refuses a matrix of another size', () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(RangeError);
  });
});

describe('effective dimension', () => {
  const measures = ['participation', 'entropy'] as const;
  const coins = (groups: number, channels: number, samples: number, seed: number) => {
    const random = seeded(seed);
    const bits = Array.from({ length: samples * groups }, () => random.next() < 0.5);
    return patternsFrom(channels, samples, (c, k) => bits[(c % groups) * samples + k]);
  };

  it('is 1/C where all channels are equal', () => {
    const covariance = covarianceOf(coins(1, 16, 500, 1));
    for (const measure of measures) expect(effectiveDimension(covariance, 16, measure)).toBeCloseTo(1 / 16, 9);
  });

  it('is 2/C for two independent groups of equal size, up to chance', () => {
    const covariance = covarianceOf(coins(2, 16, 20_000, 2));
    for (const measure of measures) expect(effectiveDimension(covariance, 16, measure)).toBeCloseTo(2 / 16, 3);
    // exactly independent: every combination of the two gates equally often
    const exact = covarianceOf(patternsFrom(8, 400, (c, k) => (c % 2 === 0 ? k % 2 === 0 : k % 4 < 2)));
    for (const measure of measures) expect(effectiveDimension(exact, 8, measure)).toBeCloseTo(2 / 8, 12);
  });

  it('is near 1 for independent fair coins and 0 for constant gates', () => {
    const covariance = covarianceOf(coins(12, 12, 20_000, 3));
    for (const measure of measures) expect(effectiveDimension(covariance, 12, measure)).toBeGreaterThan(0.99);
    for (const measure of measures) expect(effectiveDimension(covariance, 12, measure)).toBeLessThanOrEqual(1 + 1e-12);
    expect(effectiveDimension(covarianceOf(patternsFrom(4, 10, () => true)), 4)).toBe(0);
  });

  it('both measures agree with the eigenvalues on a covariance with known spectrum', () => {
    const values = [4, 2, 1, 1];
    const covariance = withEigenvalues(values, 9);
    expect(effectiveDimension(covariance, 4)).toBeCloseTo(64 / 22 / 4, 9);
    const entropy = -values.reduce((sum, v) => sum + (v / 8) * Math.log(v / 8), 0);
    expect(effectiveDimension(covariance, 4, 'entropy')).toBeCloseTo(Math.exp(entropy) / 4, 9);
  });

  it('shuffling inside each channel destroys what channels share, not how often each is open', () => {
    const random = seeded(4);
    const patterns = coins(2, 10, 5000, 5);
    const control = shuffled(patterns, random.next);
    const [was, is] = [covarianceOf(patterns), covarianceOf(control)];
    for (let c = 0; c < 10; c++) expect(is[c * 11]).toBeCloseTo(was[c * 11], 12);
    expect(effectiveDimension(was, 10)).toBeLessThan(0.21);
    expect(effectiveDimension(is, 10)).toBeGreaterThan(0.98);
  });
});

describe('suggested prototypes', () => {
  const spec = network(8);

  it('are the dimension times the channels, rounded up', () => {
    const { counts, ratios } = suggestPrototypes(spec, {
      'layer1.0.gate1': 2 / 8,
      'layer1.0.gate2': 0.3,
      'layer2.0.gate1': 0,
    });
    expect(counts['layer1.0.gate1']).toBe(2);
    expect(counts['layer1.0.gate2']).toBe(3);
    expect(counts['layer2.0.gate1']).toBe(1);
    expect(counts['layer4.1.gate2']).toBe(64);
    expect(ratios).toHaveLength(5);
    expect(ratios[1]).toBeCloseTo((2 / 8 + 3 / 8 + 1 + 1) / 4, 12);
  });

  it('keep to a budget and use it', () => {
    const dimensions = Object.fromEntries(
      Object.keys(suggestPrototypes(spec, {}).counts).map((id, i) => [id, 0.1 + (i % 5) / 10]),
    );
    for (const budget of [6000, 15_360, 30_000, 61_440]) {
      const { drelus, counts } = suggestPrototypes(spec, dimensions, budget);
      expect(drelus).toBeLessThanOrEqual(budget);
      expect(drelus).toBeGreaterThan(budget * 0.8);
      expect(Object.values(counts).every((count) => count >= 1)).toBe(true);
    }
  });
});
