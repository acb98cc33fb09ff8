/**
 * A matrix of numbers as an image on a canvas: each cell is a rectangle of whole device pixels, or, where there are more cells than
 * pixels, each pixel is the mean of its cells. Pointing at a cell or moving to it with the arrow keys shows its exact value.
 */
import { useCallback } from 'react';
import { rgbOf, useCanvas } from './canvas.ts';
import type { Surface } from './canvas.ts';
import { useGridCursor } from './useGridCursor.ts';
import classes from './Matrix.module.css';
import caption from './caption.module.css';

export interface MatrixProps {
  values: ArrayLike<number>;
  rows: number;
  columns: number;
  /** CSS height in pixels; the width is the frame's, or equal to the height. */
  height: number;
  square?: boolean;
  /** Value drawn in the full colour; 0 is transparent. */
  most: number;
  /** CSS variables of the colours of positive and negative values. */
  colour: string;
  negative?: string;
  /** The text shown for a cell. */
  describe(row: number, column: number): string;
  label: string;
}

/** Mean of the matrix over the cells that fall on each of `height` × `width` pixels (or the cell that covers it). */
export function resampled(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  height: number,
  width: number,
): Float32Array {
  const out = new Float32Array(height * width);
  const spans = (pixels: number, cells: number) =>
    Array.from({ length: pixels }, (_, p) => {
      const first = Math.floor((p * cells) / pixels);
      return [first, Math.max(first + 1, Math.floor(((p + 1) * cells) / pixels))] as const;
    });
  const across = spans(width, columns);
  const down = spans(height, rows);
  down.forEach(([top, bottom], y) => {
    across.forEach(([left, right], x) => {
      let sum = 0;
      for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) sum += values[r * columns + c];
      out[y * width + x] = sum / ((bottom - top) * (right - left));
    });
  });
  return out;
}

export function Matrix({
  values,
  rows,
  columns,
  height,
  square,
  most,
  colour,
  negative,
  describe,
  label,
}: MatrixProps) {
  const { cell, pointer, keyboard } = useGridCursor(rows, columns);
  const draw = useCallback(
    ({ context, width, height: pixels, colour: read }: Surface) => {
      const shades = resampled(values, rows, columns, pixels, width);
      const positive = rgbOf(read(colour));
      const below = rgbOf(read(negative ?? colour));
      const image = context.createImageData(width, pixels);
      const { data } = image;
      for (let i = 0; i < shades.length; i++) {
        const share = Math.max(-1, Math.min(1, shades[i] / most));
        const shade = share < 0 ? below : positive;
        data[4 * i] = shade[0];
        data[4 * i + 1] = shade[1];
        data[4 * i + 2] = shade[2];
        data[4 * i + 3] = Math.round(255 * Math.abs(share));
      }
      context.putImageData(image, 0, 0);
    },
    [values, rows, columns, most, colour, negative],
  );
  const canvas = useCanvas(draw);

  return (
    <div className={classes.matrix} style={square ? { width: height } : undefined}>
      <button
        type="button"
        className={classes.button}
        aria-label={`${label}. ${cell ? describe(cell.row, cell.column) : 'Use the arrow keys to explore the cells.'}`}
        {...keyboard}
      >
        <canvas ref={canvas} style={{ height }} {...pointer} />
        {cell && (
          <span
            className={classes.cursor}
            aria-hidden
            style={{
              left: `${(cell.column / columns) * 100}%`,
              top: `${(cell.row / rows) * 100}%`,
              width: `${100 / columns}%`,
              height: `${100 / rows}%`,
            }}
          />
        )}
      </button>
      <div className={caption.text} aria-hidden>
        {cell ? describe(cell.row, cell.column) : ' '}
      </div>
    </div>
  );
}
