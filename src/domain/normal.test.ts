/** The normal distribution function and density against tabulated values. */
import { describe, expect, it } from 'vitest';
import { normalCdf, normalDensity } from './normal.ts';

describe('the normal distribution', () => {
  it('agrees with scipy.stats.norm', () => {
    const cdf: [number, number][] = [
      [0, 0.5],
      [1, 0.8413447460685429],
      [-1, 0.15865525393145707],
      [2.5, 0.9937903346742238],
      [-3, 0.0013498980316300933],
      [-6, 9.865876450376946e-10],
      [8, 1],
      [-50, 0],
    ];
    for (const [z, value] of cdf) expect(Math.abs(normalCdf(z) - value), `${z}`).toBeLessThan(1.5e-7);
    expect(normalDensity(1)).toBeCloseTo(0.24197072451914337, 15);
    expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
  });

  it('rises from 0 to 1, and its density is its slope', () => {
    for (let z = -5; z < 5; z += 0.05) {
      expect(normalCdf(z + 0.05)).toBeGreaterThan(normalCdf(z));
      expect((normalCdf(z + 0.01) - normalCdf(z - 0.01)) / 0.02).toBeCloseTo(normalDensity(z), 3);
    }
  });
});
