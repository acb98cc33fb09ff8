/**
 * Downscaling by area average: out(y, x) = mean of the f × f input pixels it covers, rounded half up, in integers. For
 * networks at a reduced input resolution (DeepReDuce's resolution scaling).
 */
import type { LabelledImages } from './types.ts';

/** Halves, thirds, … height and width. `factor` must divide both. */
export function shrink(set: LabelledImages, factor: number): LabelledImages {
  if (factor === 1) return set;
  const [channels, height, width] = set.shape;
  if (!Number.isInteger(factor) || factor < 1 || height % factor !== 0 || width % factor !== 0) {
    throw new RangeError(`images of ${height} × ${width} cannot be shrunk by ${factor}: it must divide both.`);
  }
  const [h, w] = [height / factor, width / factor];
  const images = new Uint8Array(set.count * channels * h * w);
  const area = factor * factor;
  const half = area >> 1;
  let out = 0;
  for (let plane = 0; plane < set.count * channels; plane++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const corner = plane * height * width + y * factor * width + x * factor;
        let sum = half;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) sum += set.images[corner + dy * width + dx];
        }
        images[out++] = Math.floor(sum / area);
      }
    }
  }
  return { ...set, images, shape: [channels, h, w] };
}
