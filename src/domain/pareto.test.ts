/** Pareto fronts against brute force. */
import { describe, expect, it } from 'vitest';
import { accuracyAt, dominates, frontOf, hypervolume } from './pareto.ts';
import type { ParetoPoint } from './pareto.ts';
import { seeded } from './testing.ts';

describe('the Pareto front', () => {
  it('holds exactly the points that no other dominates', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = seeded(seed);
      const points = Array.from({ length: random.below(30) }, (_, id) => ({
        id,
        drelus: random.below(8),
        accuracy: random.below(8),
      }));
      const brute = points.filter((point) => !points.some((other) => dominates(other, point))).map((point) => point.id);
      const front = frontOf(points);
      expect(
        front.map((point) => point.id).toSorted((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(brute);
      for (let i = 1; i < front.length; i++) {
        expect(front[i].drelus).toBeGreaterThanOrEqual(front[i - 1].drelus);
        expect(front[i].accuracy).toBeGreaterThanOrEqual(front[i - 1].accuracy);
      }
    }
  });

  it('keeps ties and drops what is no number', () => {
    const a = { drelus: 10, accuracy: 0.5 };
    const b = { drelus: 10, accuracy: 0.5 };
    expect(
      frontOf([a, { drelus: NaN, accuracy: 1 }, b, { drelus: 10, accuracy: 0.4 }, { drelus: 11, accuracy: 0.5 }]),
    ).toEqual([a, b]);
    expect(frontOf([])).toEqual([]);
  });

  it('tells the best accuracy within a count', () => {
    const points = [
      { drelus: 10, accuracy: 0.5 },
      { drelus: 20, accuracy: 0.4 },
      { drelus: 30, accuracy: 0.8 },
    ];
    expect([5, 10, 25, 40].map((drelus) => accuracyAt(points, drelus))).toEqual([null, 0.5, 0.5, 0.8]);
  });

  it('measures the dominated area, over decades of DReLUs', () => {
    const reference: ParetoPoint = { drelus: 100_000, accuracy: 0.1 };
    expect(hypervolume([{ drelus: 10_000, accuracy: 0.6 }], reference)).toBeCloseTo(0.5, 12);
    const two = [
      { drelus: 10_000, accuracy: 0.6 },
      { drelus: 1000, accuracy: 0.3 },
    ];
    expect(hypervolume(two, reference)).toBeCloseTo(0.5 + 0.2, 12);
    expect(
      hypervolume([...two, { drelus: 20_000, accuracy: 0.5 }, { drelus: 200_000, accuracy: 0.9 }], reference),
    ).toBeCloseTo(0.7, 12);
    expect(hypervolume([{ drelus: 10, accuracy: 0.05 }], reference)).toBe(0);
  });
});
