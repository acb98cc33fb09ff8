import { describe, expect, it } from 'vitest';
import { clusterOrder, correlationOf, reordered } from './correlation.ts';
import { covarianceOf, patternsFrom } from './gatePatterns.ts';
import { seeded } from './testing.ts';

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
