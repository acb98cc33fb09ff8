/** Recorded gate patterns against plain loops. */
import { describe, expect, it } from 'vitest';
import {
  covarianceOf,
  hamming,
  isOpen,
  openCounts,
  patternsFrom,
  patternsOf,
  popcount,
  samplesOf,
} from './gatePatterns.ts';
import { seeded } from './testing.ts';

describe('gate patterns', () => {
  it('are the signs of pre-activations, channel by channel over images and positions', () => {
    const [n, c, h, w] = [3, 5, 2, 7] as const;
    const random = seeded(1);
    const z = Float32Array.from({ length: n * c * h * w }, () => random.pick([-1, 0, 0.5, random.next() - 0.5]));
    const patterns = patternsOf(z, [n, c, h, w]);
    for (let image = 0; image < n; image++)
      for (let channel = 0; channel < c; channel++)
        for (let p = 0; p < h * w; p++)
          expect(isOpen(patterns, channel, image * h * w + p)).toBe(z[(image * c + channel) * h * w + p] > 0);
    const second = samplesOf(
      patterns,
      Array.from({ length: 14 }, (_, i) => 14 + i),
    );
    expect(isOpen(second, 4, 3)).toBe(z[(1 * c + 4) * 14 + 3] > 0);
    expect(() => patternsOf(z, [2, c, h, w])).toThrow(RangeError);
  });

  it('count and correlate as a plain loop does', () => {
    const random = seeded(2);
    const [channels, samples] = [6, 77];
    const bits = Array.from({ length: channels * samples }, () => random.below(2));
    const patterns = patternsFrom(channels, samples, (a, k) => bits[a * samples + k] === 1);
    const row = (a: number) => bits.slice(a * samples, (a + 1) * samples);
    const mean = (values: number[]) => values.reduce((x, y) => x + y, 0) / samples;
    const covariance = covarianceOf(patterns);
    for (let a = 0; a < channels; a++) {
      expect(openCounts(patterns)[a]).toBe(row(a).reduce((x, y) => x + y, 0));
      for (let b = 0; b < channels; b++) {
        expect(hamming(patterns, a, b)).toBe(row(a).filter((bit, k) => bit !== row(b)[k]).length);
        const expected = mean(row(a).map((bit, k) => bit * row(b)[k])) - mean(row(a)) * mean(row(b));
        expect(covariance[a * channels + b]).toBeCloseTo(expected, 12);
      }
    }
    expect([0, 1, 0xff, -1, 0x80000001].map(popcount)).toEqual([0, 1, 8, 32, 2]);
  });
});
