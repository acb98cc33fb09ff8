/** The current cell of a grid drawn as one image: set by the pointer, or moved with the arrow keys, Home and End; null: none. */
import { useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

export interface GridCell {
  row: number;
  column: number;
}

const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));

/** The cell that a key leads to; null where the key does not move the cursor. The first press leads to the first cell. */
export function movedCell(cell: GridCell | null, key: string, rows: number, columns: number): GridCell | null {
  const steps: Record<string, [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    Home: [0, -columns],
    End: [0, columns],
  };
  const step = steps[key];
  if (!step) return null;
  if (!cell && key !== 'End') return { row: 0, column: 0 };
  const { row, column } = cell ?? { row: 0, column: 0 };
  return { row: within(row + step[0], rows), column: within(column + step[1], columns) };
}

export function useGridCursor(rows: number, columns: number) {
  const [cell, setCell] = useState<GridCell | null>(null);
  const leave = () => setCell(null);
  return {
    cell,
    /** Handlers of the canvas. */
    pointer: {
      onPointerMove(event: PointerEvent<Element>) {
        const box = event.currentTarget.getBoundingClientRect();
        setCell({
          row: within(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
          column: within(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
        });
      },
      onPointerLeave: leave,
    },
    /** Handlers of the element with the focus. */
    keyboard: {
      onKeyDown(event: KeyboardEvent) {
        const next = movedCell(cell, event.key, rows, columns);
        if (!next) return;
        event.preventDefault();
        setCell(next);
      },
      onBlur: leave,
    },
  };
}
