import { describe, expect, it } from 'vitest';
import { walked } from './useWalk.ts';

describe('walking through a grid', () => {
  it('begins at the first cell', () => expect(walked(null, 'ArrowDown', 3, 4)).toEqual({ row: 0, column: 0 }));

  it('stays inside', () => {
    expect(walked({ row: 0, column: 3 }, 'ArrowRight', 3, 4)).toEqual({ row: 0, column: 3 });
    expect(walked({ row: 2, column: 1 }, 'ArrowDown', 3, 4)).toEqual({ row: 2, column: 1 });
    expect(walked({ row: 2, column: 1 }, 'ArrowUp', 3, 4)).toEqual({ row: 1, column: 1 });
  });

  it('goes to the ends of a row', () => {
    expect(walked({ row: 1, column: 2 }, 'Home', 3, 4)).toEqual({ row: 1, column: 0 });
    expect(walked({ row: 1, column: 2 }, 'End', 3, 4)).toEqual({ row: 1, column: 3 });
  });

  it('leaves other keys alone', () => expect(walked({ row: 1, column: 2 }, 'Tab', 3, 4)).toBeNull());
});
