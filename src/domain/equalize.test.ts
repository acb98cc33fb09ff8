/** The equalizer against the papers' networks and brute force. */
import { describe, expect, it } from 'vitest';
import { countsOf } from './counting.ts';
import { DEFAULT_LIMITS, equalize, solutionDetails } from './equalize.ts';
import { holds, inequalitiesOf } from './hybrenet.ts';
import { network } from './presets.ts';
import { seeded } from './testing.ts';

const minimal = (blocks: number[], order: number[], limits = DEFAULT_LIMITS) =>
  equalize(blocks, order, limits)
    .solutions.filter((s) => s.minimal)
    .map((s) => s.multipliers.join('-'));

const permutations = (items: number[]): number[][] =>
  items.length <= 1
    ? [items]
    : items.flatMap((item) => permutations(items.filter((i) => i !== item)).map((rest) => [item, ...rest]));

/** Straight from the definition: n_s as exact fractions over 4^(S−1), every tuple of a box, every pair compared. */
function bruteForce(blocks: number[], order: number[], min: number, max: number): number[][] {
  const stages = blocks.length;
  let tuples: number[][] = [[]];
  for (let k = 1; k < stages; k++)
    tuples = tuples.flatMap((tuple) => Array.from({ length: max - min + 1 }, (_, i) => [...tuple, min + i]));
  return tuples.filter((tuple) => {
    const relus = blocks.map((phi, s) => tuple.slice(0, s).reduce((a, b) => a * b, phi) * 4 ** (stages - 1 - s));
    return order.every((stage, i) => i === 0 || relus[order[i - 1] - 1] > relus[stage - 1]);
  });
}

const leastOf = (solutions: number[][]) =>
  solutions.filter((s) => !solutions.some((t) => t !== s && t.every((value, i) => value <= s[i])));

describe('the equalizer', () => {
  it('finds exactly the paper’s four networks for ResNet-18', () => {
    expect(minimal([2, 2, 2, 2], [3, 2, 4, 1])).toEqual(['5-5-3', '5-7-2', '6-6-2', '7-5-2']);
    expect(inequalitiesOf([2, 2, 2, 2], [3, 2, 4, 1]).map((i) => i.text)).toEqual(['β > 4', 'βγ < 16', 'αβγ > 64']);
  });

  it('of the 24 orders only this one yields that set', () => {
    const four = '5-5-3,5-7-2,6-6-2,7-5-2';
    const orders = permutations([1, 2, 3, 4]).filter((order) => minimal([2, 2, 2, 2], order).join() === four);
    expect(orders).toEqual([[3, 2, 4, 1]]);
  });

  it('finds 16 minimal solutions for (3,4,6,3)', () => {
    const solutions = minimal([3, 4, 6, 3], [3, 2, 4, 1]);
    expect(solutions).toHaveLength(16);
    expect(solutions).toEqual(expect.arrayContaining(['4-6-3', '4-9-2', '5-5-3', '5-7-2']));
  });

  it('agrees with brute force over random stages, orders and blocks', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seeded(seed);
      const stages = 2 + random.below(3);
      const blocks = Array.from({ length: stages }, () => 1 + random.below(6));
      const order = random.pick(permutations(blocks.map((_, i) => i + 1)));
      const limits = { min: 1 + random.below(3), max: stages === 4 ? 14 : 40, others: 0 };
      const all = bruteForce(blocks, order, limits.min, limits.max);
      const label = `seed ${seed}: ${blocks.join()} ${order.join()} ${limits.min}`;
      const found = equalize(blocks, order, limits);
      expect(found.solutions.map((s) => s.multipliers.join()).sort(), `${label}`).toEqual(
        leastOf(all).map(String).sort(),
      );
      expect(found.complete).toBe(true);
      const some = equalize(blocks, order, { ...limits, others: 30 });
      const rest = some.solutions.filter((s) => !s.minimal);
      expect(rest).toHaveLength(Math.min(30, all.length - found.solutions.length));
      for (const { multipliers } of some.solutions)
        expect(
          some.inequalities.every((inequality) => holds(inequality, multipliers)),
          `${label}`,
        ).toBe(true);
      expect(new Set(some.solutions.map((s) => s.multipliers.join())).size).toBe(some.solutions.length);
    }
  });

  it('adds the other solutions of fewest last-stage channels, at equal channels in rising order', () => {
    for (const [blocks, order, max, count] of [
      [[2, 2, 2, 2], [3, 2, 4, 1], 12, 25],
      [[3, 4, 6, 3], [3, 2, 4, 1], 10, 40],
      [[1, 2, 3], [3, 2, 1], 20, 7],
    ] as [number[], number[], number, number][]) {
      const all = bruteForce(blocks, order, 2, max);
      const least = new Set(leastOf(all).map(String));
      const product = (values: number[]) => values.reduce((a, b) => a * b);
      // bruteForce lists tuples in rising lexicographic order, and the sort is stable.
      const expected = all
        .filter((tuple) => !least.has(String(tuple)))
        .sort((a, b) => product(a) - product(b))
        .slice(0, count);
      expect(expected.length).toBe(count);
      const { solutions } = equalize(blocks, order, { min: 2, max, others: count });
      expect(solutions.filter((s) => !s.minimal).map((s) => s.multipliers)).toEqual(expected);
    }
  });

  it('misses no minimal solution by looking no further than it must', () => {
    for (const blocks of [
      [2, 2, 2],
      [9, 1, 1],
      [1, 5, 2],
    ])
      for (const order of permutations([1, 2, 3]))
        expect(minimal(blocks, order, { min: 2, max: 400, others: 0 }).sort()).toEqual(
          leastOf(bruteForce(blocks, order, 2, 160))
            .map((s) => s.join('-'))
            .sort(),
        );
  });

  it('answers at once for five stages, any order', () => {
    const blocks = [2, 3, 4, 3, 2];
    for (const order of permutations([1, 2, 3, 4, 5])) {
      const { solutions, complete } = equalize(blocks, order, { min: 2, max: 64, others: 0 });
      expect(complete).toBe(true);
      expect(Array.isArray(solutions)).toBe(true);
    }
  });

  it('gives each solution its widths and costs', () => {
    const details = solutionDetails(network(16, { stemGate: true, classes: 100 }), [5, 5, 3]);
    expect(details.widths).toEqual([16, 80, 400, 1200]);
    expect(details.stages).toEqual([65_536, 81_920, 102_400, 76_800]);
    expect(details.drelus).toBe(343_040);
    expect(details.macs).toBe(countsOf(network(16, { widths: [16, 80, 400, 1200], classes: 100 })).total.macs);
    expect(details.onlineSeconds).toBeGreaterThan(100);
  });

  it('refuses what is no order or no limit', () => {
    expect(() => equalize([2, 2], [1, 1])).toThrow(/each of the 2 stages once/);
    expect(() => equalize([2, 2, 2], [1, 2])).toThrow(/each of the 3 stages/);
    expect(() => equalize([2], [1])).toThrow(/2 to 6 stages/);
    expect(() => equalize([2, 2], [2, 1], { min: 3, max: 2, others: 0 })).toThrow(/largest multiplier/);
    expect(inequalitiesOf([3, 4, 6, 3], [3, 2, 4, 1]).map((i) => i.text)).toEqual(['β > 8/3', 'βγ < 64/3', 'αβγ > 64']);
  });
});
