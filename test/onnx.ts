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
export async function onnxLogits(model: Uint8Array, images: ImageSet, count: number, batch = 100): Promise<Float32Array> {
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

/** How two sets of logits agree: largest difference over the range of `expected`, and the share of rows of the same class. */
export function agreement(actual: ArrayLike<number>, expected: ArrayLike<number>, classes: number) {
  let most = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(actual[i] - expected[i]));
    low = Math.min(low, expected[i]);
    high = Math.max(high, expected[i]);
  }
  const rows = expected.length / classes;
  const best = (values: ArrayLike<number>, row: number) => {
    let at = 0;
    for (let c = 1; c < classes; c++) if (values[row * classes + c] > values[row * classes + at]) at = c;
    return at;
  };
  let same = 0;
  for (let row = 0; row < rows; row++) {
    const mine = best(actual, row);
    const theirs = best(expected, row);
    // A tie: the two best lie nearer to each other than the files do.
    const gap = Math.abs(expected[row * classes + mine] - expected[row * classes + theirs]);
    if (mine === theirs || gap <= 2 * most) same++;
  }
  return { error: most / (high - low), sameClass: same / rows, equalLengths: actual.length === expected.length };
}
