/** onnxruntime (its WebAssembly build), for the checks of exported files. */
import * as ort from 'onnxruntime-web';
import type { ImageSet } from '../src/engine/api.ts';

ort.env.wasm.numThreads = 1;

/** float32 (N, C, H, W): pixels / 255, then mean and deviation per channel. */
export function normalised({ images, shape, mean, std }: ImageSet, from: number, count: number): Float32Array {
  const plane = shape[1] * shape[2];
  const size = shape[0] * plane;
  const out = new Float32Array(count * size);
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor((i % size) / plane);
    out[i] = (images[from * size + i] / 255 - mean[channel]) / std[channel];
  }
  return out;
}

/** Logits of the first `count` images, N × classes. */
export async function onnxLogits(
  model: Uint8Array,
  images: ImageSet,
  count: number,
  batch = 100,
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  try {
    const parts: Float32Array[] = [];
    for (let from = 0; from < count; from += batch) {
      const n = Math.min(batch, count - from);
      const input = new ort.Tensor('float32', normalised(images, from, n), [n, ...images.shape]);
      const { logits } = await session.run({ images: input });
      parts.push(logits.data as Float32Array);
    }
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
    return all;
  } finally {
    await session.release();
  }
}

export interface Agreement {
  /** Largest difference over the range of `expected`. */
  error: number;
  /** Share of images whose largest difference is at most 1e-4 of that range. */
  near: number;
  /** Share of images of the same class; ties, whose two best logits lie nearer than the sets do, count as the same. */
  sameClass: number;
}

/**
 * How two sets of logits (N × classes) agree.
 *
 * Where channels share DReLUs, `near` is what can be asked for and not `error`: z · 1[z' > 0] jumps by z as z' crosses 0, so that of
 * millions of DReLUs one whose z' is 0 but for rounding may fall on either side, and its image moves.
 */
export function agreement(actual: ArrayLike<number>, expected: ArrayLike<number>, classes: number): Agreement {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} logits beside ${expected.length}`);
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < expected.length; i++) {
    low = Math.min(low, expected[i]);
    high = Math.max(high, expected[i]);
  }
  const rows = expected.length / classes;
  const best = (values: ArrayLike<number>, row: number) => {
    let at = 0;
    for (let c = 1; c < classes; c++) if (values[row * classes + c] > values[row * classes + at]) at = c;
    return at;
  };
  let [error, near, same] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    let own = 0;
    for (let i = row * classes; i < (row + 1) * classes; i++) own = Math.max(own, Math.abs(actual[i] - expected[i]));
    const gap = Math.abs(expected[row * classes + best(actual, row)] - expected[row * classes + best(expected, row)]);
    if (gap <= 2 * own) same++;
    if (own <= 1e-4 * (high - low)) near++;
    error = Math.max(error, own);
  }
  return { error: error / (high - low), near: near / rows, sameClass: same / rows };
}
