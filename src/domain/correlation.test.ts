/** Gate correlations and the channel order against constructed gates. */
import { describe, expect, it } from 'vitest';
import { clusterOrder, correlationOf, reordered } from './correlation.ts';
import { covarianceOf, patternsFrom } from './gatePatterns.ts';
import { seeded } from './testing.ts';

/** From the definition: at each step the two clusters of least mean distance over all pairs of their channels are joined. */
function averageLinkage(correlation: Float64Array, channels: number): number[] {
  const distance = (a: number, b: number) => 1 - correlation[a * channels + b];
  let runs = Array.from({ length: channels }, (_, c) => [c]);
  while (runs.length > 1) {
    let best = { mean: Infinity, i: 0, j: 0 };
    runs.forEach((a, i) =>
      runs.slice(i + 1).forEach((b, k) => {
        const sum = a.reduce((total, x) => total + b.reduce((part, y) => part + distance(x, y), 0), 0);
        const mean = sum / (a.length * b.length);
        if (mean < best.mean) best = { mean, i, j: i + 1 + k };
      }),
    );
    const { i, j } = best;
    const [a, b] = [runs[i], runs[j]];
    const joins = [
      [a, b],
      [a, b.toReversed()],
      [a.toReversed(), b],
      [a.toReversed(), b.toReversed()],
    ];
    const gap = ([left, right]: number[][]) => distance(left.at(-1)!, right[0]);
    const [left, right] = joins.reduce((least, join) => (gap(join) < gap(least) ? join : least));
    runs = runs.map((run, k) => (k === i ? [...left, ...right] : run)).filter((_, k) => k !== j);
  }
  return runs[0];
}

describe('the correlation matrix', () => {
  it('is ordered by average linkage, each merge joined at its most similar ends', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const channels = 2 + random.below(14);
      const correlation = new Float64Array(channels * channels).fill(1);
      for (let a = 0; a < channels; a++)
        for (let b = 0; b < a; b++)
          correlation[a * channels + b] = correlation[b * channels + a] = 2 * random.next() - 1;
      const order = clusterOrder(correlation, channels);
      expect(order, `seed ${seed}`).toEqual(averageLinkage(correlation, channels));
    }
  });

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
