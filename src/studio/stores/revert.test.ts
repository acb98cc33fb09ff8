/** Reverting one edit among several: only what that edit changed goes back. */
import { describe, expect, it } from 'vitest';
import { revert } from './revert.ts';

describe('revert', () => {
  it('returns the old value where nothing was edited since', () => {
    expect(revert({ a: 1, b: 2 }, { a: 5, b: 2 }, { a: 5, b: 2 })).toEqual({ a: 1, b: 2 });
  });

  it('keeps later edits of other parts, nested ones included', () => {
    const before = { seed: 1, network: { widths: [8, 16], classes: 10 } };
    const after = { seed: 1, network: { widths: [8, 16], classes: 100 } };
    const now = { seed: 7, network: { widths: [8, 24], classes: 100 } };
    expect(revert(before, after, now)).toEqual({ seed: 7, network: { widths: [8, 24], classes: 10 } });
  });

  it('wins over a later edit of the same part', () => {
    expect(revert({ a: 1 }, { a: 2 }, { a: 3 })).toEqual({ a: 1 });
  });

  it('removes what the edit added and restores what it removed', () => {
    const before: Record<string, number> = { a: 1 };
    const after: Record<string, number> = { b: 2 };
    expect(revert(before, after, { b: 2, c: 3 })).toEqual({ a: 1, c: 3 });
  });

  it('treats lists of another length as one part', () => {
    expect(revert({ list: [1] }, { list: [1, 2] }, { list: [1, 2], other: 4 } as { list: number[] })).toEqual({
      list: [1],
      other: 4,
    });
    expect(revert([1, 2], [1, 3], [9, 3])).toEqual([9, 2]);
  });
});
