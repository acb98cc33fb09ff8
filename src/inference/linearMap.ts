/**
 * Linear maps over Z_2^64: the convolutions, the classifier and the per-channel affine of a network, on one image's neurons.
 *
 *   conv       y[o] = Σ w[o, i, ky, kx] · x[i]      zero padding (kernel − 1) / 2, stride 1 or 2; the classifier is a 1×1 one
 *   diagonal   y[n] = Σ_t w[t, channel[n]] · x[t·count + n]
 *
 * Products are exact: 64-bit operands are cut into 16-bit limbs, each pair of limbs is summed in float64 (16 + 16 bits a product, 13
 * bits of summands, far below 53) and the carries are resolved at the end. Weights below 2^22 in magnitude, such as quantized ones,
 * need no cutting: 4 passes instead of 10.
 */
import { multiplyAt, zeros } from './ring.ts';
import type { RingVector } from './ring.ts';

type Shape = [channels: number, height: number, width: number];

export interface ConvMap {
  kind: 'conv';
  in: Shape;
  out: Shape;
  kernel: number;
  stride: number;
}

export interface DiagonalMap {
  kind: 'diagonal';
  /** Summands of each output. */
  terms: number;
  /** The channel whose weight each neuron uses. */
  channel: number[] | Int32Array;
  channels: number;
}

export type LinearMap = ConvMap | DiagonalMap;

const volume = (shape: Shape) => shape[0] * shape[1] * shape[2];

export const inputSize = (map: LinearMap): number =>
  map.kind === 'conv' ? volume(map.in) : map.terms * map.channel.length;
export const outputSize = (map: LinearMap): number => (map.kind === 'conv' ? volume(map.out) : map.channel.length);
export const weightCount = (map: LinearMap): number =>
  map.kind === 'conv' ? map.out[0] * map.in[0] * map.kernel ** 2 : map.terms * map.channels;

/** Weights of at most this magnitude are used as they are. */
const SMALL = 2 ** 22;

/** The weights as small signed numbers, or null where one is too large. */
function smallWeights(weights: RingVector): Float64Array | null {
  const result = new Float64Array(weights.length / 2);
  for (let i = 0; i < result.length; i++) {
    const low = weights[2 * i] | 0;
    if (weights[2 * i + 1] !== (low < 0 ? 0xffffffff : 0) || low >= SMALL || low <= -SMALL) return null;
    result[i] = low;
  }
  return result;
}

const limbOf = (vector: RingVector, index: number, limb: number): number => {
  const word = vector[2 * index + (limb >> 1)];
  return limb & 1 ? word >>> 16 : word & 0xffff;
};

/** x with a border of zeros, limb by limb: 4 planes of (C, H + 2p, W + 2p). */
function paddedLimbs(map: ConvMap, x: RingVector, offset: number): Float64Array[] {
  const [channels, height, width] = map.in;
  const pad = (map.kernel - 1) / 2;
  const wide = width + 2 * pad;
  const size = channels * (height + 2 * pad) * wide;
  const limbs = [0, 1, 2, 3].map(() => new Float64Array(size));
  for (let c = 0, at = offset; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let column = 0; column < width; column++, at++) {
        const to = (c * (height + 2 * pad) + y + pad) * wide + column + pad;
        for (let limb = 0; limb < 4; limb++) limbs[limb][to] = limbOf(x, at, limb);
      }
  return limbs;
}

/** Σ_k sums[k][i] · 2^(16 k) mod 2^64 into result; the sums may be negative. */
function carry(sums: Float64Array[], result: RingVector, offset: number, count: number): void {
  const part = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    let rest = 0;
    for (let k = 0; k < 4; k++) {
      const sum = sums[k][i] + rest;
      rest = Math.floor(sum / 65536);
      part[k] = sum - rest * 65536;
    }
    result[2 * (offset + i)] = part[0] + part[1] * 65536;
    result[2 * (offset + i) + 1] = part[2] + part[3] * 65536;
  }
}

/** Adds weight · a row of one padded plane to a row of sums. */
function addRow(
  sum: Float64Array,
  to: number,
  plane: Float64Array,
  from: number,
  stride: number,
  n: number,
  w: number,
) {
  if (stride === 1) for (let i = 0; i < n; i++) sum[to + i] += w * plane[from + i];
  else for (let i = 0; i < n; i++) sum[to + i] += w * plane[from + i * stride];
}

function applyConv(map: ConvMap, weights: RingVector, x: RingVector, images: number): RingVector {
  const [inputs, height, width] = map.in;
  const [outputs, outHeight, outWidth] = map.out;
  const { kernel, stride } = map;
  const pad = (kernel - 1) / 2;
  const wide = width + 2 * pad;
  const plane = (height + 2 * pad) * wide;
  const positions = outHeight * outWidth;
  const small = smallWeights(weights);
  const result = zeros(images * outputs * positions);
  const sums = [0, 1, 2, 3].map(() => new Float64Array(positions));
  for (let image = 0; image < images; image++) {
    const limbs = paddedLimbs(map, x, image * volume(map.in));
    for (let o = 0; o < outputs; o++) {
      for (const sum of sums) sum.fill(0);
      for (let c = 0; c < inputs; c++)
        for (let tap = 0; tap < kernel * kernel; tap++) {
          const index = (o * inputs + c) * kernel * kernel + tap;
          const start = c * plane + Math.floor(tap / kernel) * wide + (tap % kernel);
          for (let j = 0; j < (small ? 1 : 4); j++) {
            const w = small ? small[index] : limbOf(weights, index, j);
            if (w === 0) continue;
            for (let i = 0; i + j < 4; i++)
              for (let y = 0; y < outHeight; y++)
                addRow(sums[i + j], y * outWidth, limbs[i], start + y * stride * wide, stride, outWidth, w);
          }
        }
      carry(sums, result, (image * outputs + o) * positions, positions);
    }
  }
  return result;
}

function applyDiagonal(map: DiagonalMap, weights: RingVector, x: RingVector, images: number): RingVector {
  const count = map.channel.length;
  const result = zeros(images * count);
  for (let image = 0; image < images; image++)
    for (let term = 0; term < map.terms; term++)
      for (let n = 0; n < count; n++) {
        const at = 2 * ((image * map.terms + term) * count + n);
        const w = 2 * (term * map.channels + map.channel[n]);
        multiplyAt(result, 2 * (image * count + n), x[at], x[at + 1], weights[w], weights[w + 1]);
      }
  return result;
}

/** W · x for `images` inputs, one after the other. @throws RangeError where a length does not fit the map. */
export function applyMap(map: LinearMap, weights: RingVector, x: RingVector, images = 1): RingVector {
  if (weights.length !== 2 * weightCount(map) || x.length !== 2 * images * inputSize(map))
    throw new RangeError(
      `A linear map of ${weightCount(map)} weights and ${inputSize(map)} inputs got ${weights.length / 2} and ${x.length / 2 / images}.`,
    );
  return map.kind === 'conv' ? applyConv(map, weights, x, images) : applyDiagonal(map, weights, x, images);
}
