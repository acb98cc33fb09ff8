/** The plan of a GPU day: valid experiments whose epochs follow from the minutes and the speed. */
import { describe, expect, it } from 'vitest';
import { gpuDayPlan } from './gpuDay.ts';

describe('the plan of a GPU day', () => {
  it('gives a faster GPU more epochs, within the minutes', () => {
    const epochs = (speed: number) => gpuDayPlan(120, speed).experiments.dense.dense.epochs;
    expect(epochs(4000)).toBe(Math.floor((0.35 * 7200) / (45_000 / 4000)));
    expect(epochs(8000)).toBeGreaterThan(epochs(4000));
  });

  it('asks SNL for 50,000 and 15,000 DReLUs and sharing for an eighth of the channels', () => {
    const { experiments } = gpuDayPlan(120, 4000);
    const budgets = (['snl-50000', 'snl-15000'] as const).map((part) => {
      const [method] = experiments[part].methods;
      return method.name === 'snl' ? method.budget : null;
    });
    expect(budgets).toEqual([
      { kind: 'count', drelus: 50_000 },
      { kind: 'count', drelus: 15_000 },
    ]);
    const [sharing] = experiments['share-eighth'].methods;
    expect(sharing.name === 'deepshare' && sharing.ratios).toEqual([0.125, 0.125, 0.125, 0.125, 0.125]);
  });

  it('refuses minutes that hold no epoch', () => {
    expect(() => gpuDayPlan(1, 100)).toThrow(/too few at 100 images\/s/);
  });
});
