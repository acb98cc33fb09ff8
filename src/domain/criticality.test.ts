/** Stage criticality against the formula worked by hand. */
import { describe, expect, it } from 'vitest';
import { onlyStageGates } from './methods/deepreduce.ts';
import { countsOf } from './counting.ts';
import { criticalityOf, orderOf } from './criticality.ts';
import { network } from './presets.ts';

describe('criticality', () => {
  const relus = [262_144, 131_072, 65_536, 32_768];

  it('is the accuracy over the worst stage’s by the ReLU count to the 0.07, normalised', () => {
    const ranked = criticalityOf(
      [0.6, 0.7, 0.72, 0.66].map((accuracy, i) => ({ stage: i + 1, accuracy, relus: relus[i] })),
    );
    expect(orderOf(ranked)).toEqual([3, 2, 4, 1]);
    expect(ranked.map((m) => m.rank)).toEqual([1, 2, 3, 4]);
    expect(ranked[0].criticality).toBe(1);
    expect(ranked[3].criticality).toBe(0);
    expect(ranked[1].criticality).toBeCloseTo(((0.1 / 131_072 ** 0.07) * 65_536 ** 0.07) / 0.12, 12);
  });

  it('lets the smaller count decide between equal accuracies', () => {
    const equal = criticalityOf([1, 2, 3].map((stage) => ({ stage, accuracy: 0.5, relus: relus[stage - 1] })));
    expect(orderOf(equal)).toEqual([3, 2, 1]);
    expect(equal.every((m) => m.criticality === 0)).toBe(true);
    const two = criticalityOf([0.4, 0.5, 0.5].map((accuracy, i) => ({ stage: i + 1, accuracy, relus: relus[i] })));
    expect(orderOf(two)).toEqual([3, 2, 1]);
  });

  it('takes a stage of a single ReLU, not one of none', () => {
    const measured = (count: number) => [{ stage: 1, accuracy: 0.5, relus: count }];
    expect(criticalityOf(measured(1))).toEqual([{ stage: 1, accuracy: 0.5, relus: 1, criticality: 0, rank: 1 }]);
    expect(() => criticalityOf(measured(0))).toThrow('Stage 1');
  });

  it('refuses what is no measurement', () => {
    expect(() => criticalityOf([])).toThrow(/at least one stage/);
    expect(() => criticalityOf([{ stage: 2, accuracy: 0.5, relus: 0 }])).toThrow(/Stage 2/);
    expect(() => criticalityOf([{ stage: 2, accuracy: NaN, relus: 3 }])).toThrow(/Stage 2/);
  });

  it('is measured on networks with ReLUs in one stage only', () => {
    const spec = network(64, { stemGate: true });
    expect([0, 1, 2, 3, 4].map((stage) => countsOf(spec, onlyStageGates(spec, stage)).total.drelus)).toEqual([
      65_536,
      ...relus,
    ]);
  });
});
