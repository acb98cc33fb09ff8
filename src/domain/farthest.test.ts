import { describe, expect, it } from 'vitest';
import { sharingGates } from './sharing.ts';
import type { SharingSettings } from './sharing.ts';
import { farthestPrototypes, nearestPrototypes } from './farthest.ts';
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
import { clusterOrder, correlationOf, reordered } from './correlation.ts';
import { boxPlot } from './boxPlot.ts';
import { network } from './presets.ts';
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

describe('farthest-point prototypes', () => {
  /** `groups` random gates; channel c is group c mod groups with a little noise. */
  const grouped = (groups: number, channels: number, noise: number, seed: number) => {
    const random = seeded(seed);
    const samples = 400;
    const base = Array.from({ length: groups * samples }, () => random.next() < 0.5);
    const flips = Array.from({ length: channels * samples }, () => random.next() < noise);
    return patternsFrom(channels, samples, (c, k) => base[(c % groups) * samples + k] !== flips[c * samples + k]);
  };

  it('takes one of each group, and each replicate joins its own', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { prototypes, source } = farthestPrototypes(grouped(4, 20, 0.05, seed), 4);
      expect(new Set(prototypes.map((p) => p % 4)).size).toBe(4);
      expect(prototypes).toEqual(prototypes.toSorted((a, b) => a - b));
      source.forEach((p, c) => expect(p % 4).toBe(c % 4));
      prototypes.forEach((p) => expect(source[p]).toBe(p));
    }
  });

  it('is deterministic, gives distinct prototypes even for equal channels, and assigns the nearest of them', () => {
    const patterns = grouped(3, 12, 0.3, 7);
    const choice = farthestPrototypes(patterns, 5);
    expect(farthestPrototypes(patterns, 5)).toEqual(choice);
    choice.source.forEach((p, c) => {
      const least = Math.min(...choice.prototypes.map((q) => hamming(patterns, c, q)));
      expect(choice.prototypes.includes(c) ? least : hamming(patterns, c, p)).toBe(least);
    });
    const equal = patternsFrom(6, 10, (_, k) => k % 2 === 0);
    expect(farthestPrototypes(equal, 3)).toEqual({ prototypes: [0, 1, 2], source: [0, 1, 2, 0, 0, 0] });
    expect(farthestPrototypes(equal, 6).prototypes).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('covers at most twice as badly as the best choice of prototypes (Gonzalez 1985)', () => {
    const patterns = grouped(5, 10, 0.2, 11);
    const radius = (chosen: number[]) =>
      Math.max(...Array.from({ length: 10 }, (_, c) => Math.min(...chosen.map((p) => hamming(patterns, c, p)))));
    let best = Infinity;
    for (let a = 0; a < 10; a++)
      for (let b = a + 1; b < 10; b++) for (let c = b + 1; c < 10; c++) best = Math.min(best, radius([a, b, c]));
    expect(radius(farthestPrototypes(patterns, 3).prototypes)).toBeLessThanOrEqual(2 * best);
  });

  it('lets a borrower join the owner’s prototypes over the same samples', () => {
    const owner = grouped(4, 8, 0, 3);
    const borrower = patternsFrom(6, 400, (c, k) => isOpen(owner, 3 - (c % 4), k));
    expect(nearestPrototypes(borrower, owner, [0, 1, 2, 3])).toEqual([3, 2, 1, 0, 3, 2]);
    expect(() =>
      nearestPrototypes(
        patternsFrom(1, 3, () => true),
        owner,
        [0],
      ),
    ).toThrow(/3 and 400 samples/);
  });

  it('goes into a gate map, and counts out of range are refused', () => {
    const spec = network(8);
    const method: SharingSettings = {
      ratios: [1, 0.5, 0.5, 0.5, 0.5],
      overrides: {},
      crossLayer: 'off',
      borrow: {},
      affine: true,
    };
    const chosen = { 'layer1.0.gate1': farthestPrototypes(grouped(4, 8, 0.02, 5), 4) };
    const gates = sharingGates(spec, method, {}, chosen);
    expect(gates['layer1.0.gate1']).toMatchObject(chosen['layer1.0.gate1']);
    expect(() => farthestPrototypes(grouped(2, 4, 0, 1), 5)).toThrow(/5 prototypes .* 4 channels/);
  });
});

describe('the correlation matrix', () => {
  it('is ordered so that groups stand together', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seeded(seed);
      const [channels, samples, groups] = [24, 600, 4];
      const base = Array.from({ length: groups * samples }, () => random.next() < 0.5);
      const member = Array.from({ length: channels }, () => random.below(groups));
      const noise = Array.from({ length: channels * samples }, () => random.next() < 0.1);
      const patterns = patternsFrom(
        channels,
        samples,
        (c, k) => base[member[c] * samples + k] !== noise[c * samples + k],
      );
      const correlation = correlationOf(covarianceOf(patterns), channels);
      const order = clusterOrder(correlation, channels);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: channels }, (_, c) => c));
      const runs = order.filter((c, i) => i === 0 || member[c] !== member[order[i - 1]]).length;
      expect(runs, `seed ${seed}`).toBe(new Set(member).size);
      const sorted = reordered(correlation, channels, order);
      expect(sorted[1]).toBe(correlation[order[0] * channels + order[1]]);
    }
  });

  it('is 1 on the diagonal, ±1 between equal and opposite gates, 0 beside a constant one', () => {
    const patterns = patternsFrom(4, 100, (c, k) => (c === 3 ? true : c === 1 ? k % 2 === 1 : k % 2 === 0));
    const r = correlationOf(covarianceOf(patterns), 4);
    expect([...r].map((value) => Math.round(value * 1e9) / 1e9 + 0)).toEqual([
      1, -1, 1, 0, -1, 1, -1, 0, 1, -1, 1, 0, 0, 0, 0, 1,
    ]);
    expect(clusterOrder(r, 4)).toHaveLength(4);
    expect(clusterOrder(new Float64Array(0), 0)).toEqual([]);
    expect(clusterOrder(Float64Array.of(1), 1)).toEqual([0]);
  });
});

describe('box plots', () => {
  it('have numpy’s quartiles and Tukey’s whiskers', () => {
    // numpy.percentile([1,2,3,4,5,6,7,8,9,100], [25,50,75]) = 3.25, 5.5, 7.75; fences −3.5 and 14.5
    expect(boxPlot([9, 8, 7, 6, 5, 4, 3, 2, 1, 100])).toEqual({
      count: 10,
      mean: 14.5,
      low: 1,
      firstQuartile: 3.25,
      median: 5.5,
      thirdQuartile: 7.75,
      high: 9,
      outliers: [100],
    });
    expect(boxPlot([3])).toMatchObject({ low: 3, median: 3, high: 3, outliers: [] });
    expect(boxPlot([NaN])).toBeNull();
  });
});
