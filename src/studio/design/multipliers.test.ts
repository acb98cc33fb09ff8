/** Widths and multipliers, and adding or removing stages. */
import { describe, expect, it } from 'vitest';
import {
  multiplierText,
  multipliersName,
  multipliersOf,
  shownMultipliers,
  widthsFrom,
  withStages,
} from './multipliers.ts';

describe('widths and multipliers', () => {
  it('are converted into each other for the published networks', () => {
    expect(widthsFrom(16, [5, 5, 3])).toEqual([16, 80, 400, 1200]);
    expect(multipliersOf([16, 112, 560, 1120])).toEqual([7, 5, 2]);
    expect(multipliersName([7, 5, 2])).toBe('7-5-2');
  });

  it('round each width once, from the exact product', () => {
    // 5 · 2.5 = 12.5 → 13, but the next stage is 5 · 2.5 · 2 = 25, not 26.
    expect(widthsFrom(5, [2.5, 2])).toEqual([5, 13, 25]);
    expect(widthsFrom(1, [0.1, 0.1])).toEqual([1, 1, 1]);
  });

  it('show the typed multipliers as long as they give these widths, else the quotients', () => {
    const typed = [2.5, 2];
    expect(shownMultipliers(widthsFrom(5, typed), typed)).toEqual([2.5, 2]);
    expect(shownMultipliers([5, 14, 25], typed)).toEqual([14 / 5, 25 / 14]);
    expect(shownMultipliers([8, 16, 32], null)).toEqual([2, 2]);
  });

  it('are restored when m is dragged down and up again', () => {
    const typed = [2.25, 1.5, 3];
    const start = widthsFrom(16, typed);
    let widths = start;
    for (const base of [15, 7, 3, 1, 4, 11, 16]) widths = widthsFrom(base, shownMultipliers(widths, typed));
    expect(widths).toEqual(start);
  });

  it('are written with two digits at most', () => {
    expect([5, 2.5, 7 / 3].map(multiplierText)).toEqual(['5', '2.5', '2.33']);
  });
});

describe('adding and removing stages', () => {
  it('doubles the last width and repeats its blocks, and cuts from the end', () => {
    expect(withStages({ blocks: [2, 3], widths: [8, 20] }, 4)).toEqual({
      blocks: [2, 3, 3, 3],
      widths: [8, 20, 40, 80],
    });
    expect(withStages({ blocks: [2, 3, 4], widths: [8, 20, 30] }, 2)).toEqual({ blocks: [2, 3], widths: [8, 20] });
  });
});
