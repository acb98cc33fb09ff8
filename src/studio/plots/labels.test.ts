/** Labels of charts, and rows that compare runs. */
import { describe, expect, it } from 'vitest';
import { compareRows } from './compareRows.ts';
import { spreadLabels } from './EndLabels.tsx';
import { fitted } from './PhaseNames.tsx';

describe('spreadLabels', () => {
  it('leaves labels that do not overlap in place', () => expect(spreadLabels([10, 60], 0, 100)).toEqual([10, 60]));

  it('moves overlapping labels apart in order, inside the plot', () => {
    const placed = spreadLabels([50, 50, 48], 0, 100);
    const byHeight = [placed[2], placed[0], placed[1]];
    expect(byHeight[1] - byHeight[0]).toBeGreaterThanOrEqual(14);
    expect(byHeight[2] - byHeight[1]).toBeGreaterThanOrEqual(14);
    for (const y of spreadLabels([99, 100, 98], 0, 100)) expect(y).toBeLessThanOrEqual(100);
  });
});

describe('fitted', () => {
  it('returns the longest name that fits, or null', () => {
    const names = ['SNL mask stage', 'masks'];
    expect(fitted(names, 200)).toBe('SNL mask stage');
    expect(fitted(names, 60)).toBe('masks');
    expect(fitted(names, 20)).toBeNull();
  });
});

describe('compareRows', () => {
  it('joins runs by step', () => {
    const epoch = (step: number, drelus: number) => ({ step, drelus }) as never;
    const rows = compareRows(
      [
        { key: 'a', epochs: [epoch(10, 5), epoch(20, 4)] },
        { key: 'b', epochs: [epoch(5, 9), epoch(20, 8)] },
      ],
      'drelus',
    );
    expect(rows).toEqual([
      { step: 5, b: 9 },
      { step: 10, a: 5 },
      { step: 20, a: 4, b: 8 },
    ]);
  });
});
