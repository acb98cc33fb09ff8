/** Draws a network on a canvas: its two predicted regions, the training points, and the line where its DReLU switches. */
import type { OneGate } from '../../domain/xor.ts';
import { rgbOf } from '../plots/canvas.ts';

/** Cells per side of the grid of the regions. */
const SIDE = 112;
/** The square shown: [−1, 1] with a margin. */
const EXTENT = 1.04;
const cells = typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(SIDE, SIDE);

/** Sizes the canvas in device pixels. @returns its context, scaled to CSS pixels, and its side */
function sized(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; side: number } | null {
  const context = canvas.getContext('2d');
  if (!context) return null;
  const side = canvas.clientWidth;
  const scale = window.devicePixelRatio || 1;
  const pixels = Math.max(1, Math.round(side * scale));
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { context, side };
}

export interface DrawOptions {
  /** Radius of the points in CSS pixels. */
  pointSize: number;
}

/** Okabe and Ito's blue and vermillion, for the present colour scheme. */
function coloursOf(canvas: HTMLCanvasElement) {
  const style = getComputedStyle(canvas);
  const [positive, negative] = ['--method-mixed', '--method-snl'].map((name) => style.getPropertyValue(name).trim());
  return { positive, negative, ink: style.color };
}

export function drawNetwork(canvas: HTMLCanvasElement, net: OneGate, { pointSize }: DrawOptions): void {
  const target = sized(canvas);
  const regions = cells?.getContext('2d');
  if (!target || !regions || !cells) return;
  const { context, side } = target;
  const { positive, negative, ink } = coloursOf(canvas);
  const [above, below] = [rgbOf(positive), rgbOf(negative)];
  const image = regions.createImageData(SIDE, SIDE);
  const { data } = image;
  const answer = net.frozen(net.done ? null : net.slope);
  for (let row = 0; row < SIDE; row++) {
    const x2 = EXTENT * (1 - (2 * row + 1) / SIDE);
    for (let column = 0; column < SIDE; column++) {
      const f = answer(EXTENT * ((2 * column + 1) / SIDE - 1), x2);
      const at = 4 * (row * SIDE + column);
      const colour = f > 0 ? above : below;
      data[at] = colour[0];
      data[at + 1] = colour[1];
      data[at + 2] = colour[2];
      // Paler where the output is near zero.
      data[at + 3] = 40 + 70 * Math.min(1, Math.abs(f) / 2);
    }
  }
  regions.putImageData(image, 0, 0);
  context.clearRect(0, 0, side, side);
  context.imageSmoothingEnabled = true;
  context.drawImage(cells, 0, 0, side, side);

  const px = (x1: number) => ((x1 / EXTENT + 1) / 2) * side;
  const py = (x2: number) => ((1 - x2 / EXTENT) / 2) * side;
  const { x, y } = net.points;
  for (const label of [0, 1]) {
    context.fillStyle = label ? positive : negative;
    context.beginPath();
    for (let n = 0; n < y.length; n++) {
      if (y[n] !== label) continue;
      const [cx, cy] = [px(x[2 * n]), py(x[2 * n + 1])];
      context.moveTo(cx + pointSize, cy);
      context.arc(cx, cy, pointSize, 0, 2 * Math.PI);
    }
    context.fill();
  }
  drawGateLine(context, net.parameters, px, py, ink);
}

/** w·x + b = 0 of neuron 0, across the square. */
function drawGateLine(
  context: CanvasRenderingContext2D,
  [w1, w2, b]: Float64Array,
  px: (x1: number) => number,
  py: (x2: number) => number,
  ink: string,
): void {
  const norm = Math.hypot(w1, w2);
  if (norm < 1e-9) return;
  const [fx, fy] = [(-b * w1) / norm ** 2, (-b * w2) / norm ** 2];
  const [dx, dy] = [(-w2 / norm) * 4, (w1 / norm) * 4];
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.beginPath();
  context.moveTo(px(fx - dx), py(fy - dy));
  context.lineTo(px(fx + dx), py(fy + dy));
  context.stroke();
  context.setLineDash([]);
}
