/** A cell of a grid that is drawn in one piece, pointed at or walked to with the arrow keys, Home and End; null: none. */
import { useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

export interface GridCell {
  row: number;
  column: number;
}

const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));

/** The cell that a key leads to; null where it is no key of the walk. The first press begins at the first cell. */
export function walked(cell: GridCell | null, key: string, rows: number, columns: number): GridCell | null {
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

export function useWalk(rows: number, columns: number) {
  const [cell, setCell] = useState<GridCell | null>(null);
  const leave = () => setCell(null);
  return {
    cell,
    /** For the drawing. */
    pointing: {
      onPointerMove(event: PointerEvent<Element>) {
        const box = event.currentTarget.getBoundingClientRect();
        setCell({
          row: within(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
          column: within(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
        });
      },
      onPointerLeave: leave,
    },
    /** For what has the focus. */
    walking: {
      onKeyDown(event: KeyboardEvent) {
        const next = walked(cell, event.key, rows, columns);
        if (!next) return;
        event.preventDefault();
        setCell(next);
      },
      onBlur: leave,
    },
  };
}
