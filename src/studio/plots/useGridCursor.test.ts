/** Moving the cursor of a grid with the keyboard. */
import { describe, expect, it } from 'vitest';
import { movedCell } from './useGridCursor.ts';

describe('the grid cursor', () => {
  it('starts at the first cell', () => expect(movedCell(null, 'ArrowDown', 3, 4)).toEqual({ row: 0, column: 0 }));

  it('stays inside the grid', () => {
    expect(movedCell({ row: 0, column: 3 }, 'ArrowRight', 3, 4)).toEqual({ row: 0, column: 3 });
    expect(movedCell({ row: 2, column: 1 }, 'ArrowDown', 3, 4)).toEqual({ row: 2, column: 1 });
    expect(movedCell({ row: 2, column: 1 }, 'ArrowUp', 3, 4)).toEqual({ row: 1, column: 1 });
  });

  it('moves to the ends of a row', () => {
    expect(movedCell({ row: 1, column: 2 }, 'Home', 3, 4)).toEqual({ row: 1, column: 0 });
    expect(movedCell({ row: 1, column: 2 }, 'End', 3, 4)).toEqual({ row: 1, column: 3 });
  });

  it('ignores other keys', () => expect(movedCell({ row: 1, column: 2 }, 'Tab', 3, 4)).toBeNull());
});
