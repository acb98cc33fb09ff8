/**
 * A matrix of numbers as a picture on a canvas, a cell a rectangle of whole device pixels; where there are more cells than pixels,
 * each pixel shows the mean of its cells. Pointing at a cell, or walking with the arrow keys, tells its exact value.
 */
import { useCallback } from 'react';
import { rgbOf, useCanvas } from './canvas.ts';
import type { Surface } from './canvas.ts';
import { useWalk } from './useWalk.ts';
import './matrix.css';

export interface MatrixProps {
  values: ArrayLike<number>;
  rows: number;
  columns: number;
  /** CSS height in pixels; the width is the frame's, or equal to the height. */
  height: number;
  square?: boolean;
  /** Value of the full colour; the ground is 0. */
  most: number;
  /** CSS variable of the full colour, and of negative values' where there are any. */
  colour: string;
  negative?: string;
  /** What is told of a cell. */
  tell(row: number, column: number): string;
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

export function Matrix({ values, rows, columns, height, square, most, colour, negative, tell, label }: MatrixProps) {
  const { cell, pointing, walking } = useWalk(rows, columns);
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
    <div className="matrix" style={square ? { width: height } : undefined}>
      <button
        type="button"
        className="matrix-button"
        aria-label={`${label}. ${cell ? tell(cell.row, cell.column) : 'Arrow keys walk through its cells.'}`}
        {...walking}
      >
        <canvas ref={canvas} style={{ height }} {...pointing} />
        {cell && (
          <span
            className="matrix-cursor"
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
      <div className="matrix-told figures" aria-hidden>
        {cell ? tell(cell.row, cell.column) : ' '}
      </div>
    </div>
  );
}
