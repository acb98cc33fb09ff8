/** Effective dimensions against closed forms, and prototype counts within a budget. */
import { describe, expect, it } from 'vitest';
import { effectiveDimension, suggestPrototypes } from './effectiveDimension.ts';
import { covarianceOf, patternsFrom, shuffled } from './gatePatterns.ts';
import { network } from './presets.ts';
import { seeded, withEigenvalues } from './testing.ts';

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
