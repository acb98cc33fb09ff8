/**
 * Recorded gates: for each channel of a site, which of K samples (images × positions) had z > 0, as packed bits.
 *
 *   agreement of channels a, b   K − popcount(bits_a XOR bits_b)
 *   both open                    popcount(bits_a AND bits_b)
 */
export interface GatePatterns {
  channels: number;
  samples: number;
  /** channels × ⌈samples / 32⌉; sample k of a channel is bit k & 31 of its word k >> 5; bits past the last sample are 0. */
  words: Uint32Array;
}

const wordsFor = (samples: number) => Math.ceil(samples / 32);

/** Number of 1 bits in a 32-bit word. */
export function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** From a rule: gate(channel, sample) says whether it is open. */
export function patternsFrom(
  channels: number,
  samples: number,
  gate: (channel: number, sample: number) => boolean,
): GatePatterns {
  const row = wordsFor(samples);
  const words = new Uint32Array(channels * row);
  for (let c = 0; c < channels; c++)
    for (let k = 0; k < samples; k++) if (gate(c, k)) words[c * row + (k >> 5)] |= 1 << (k & 31);
  return { channels, samples, words };
}

/** From pre-activations (N, C, H, W): a channel's samples are its N·H·W neurons, image by image. */
export function patternsOf(
  z: Float32Array,
  [images, channels, height, width]: [number, number, number, number],
): GatePatterns {
  const size = height * width;
  if (z.length !== images * channels * size)
    throw new RangeError(`${z.length} pre-activations are not ${images}×${channels}×${height}×${width}.`);
  return patternsFrom(channels, images * size, (c, k) => {
    const image = Math.floor(k / size);
    return z[(image * channels + c) * size + (k - image * size)] > 0;
  });
}

export const isOpen = ({ samples, words }: GatePatterns, channel: number, sample: number): boolean =>
  ((words[channel * wordsFor(samples) + (sample >> 5)] >>> (sample & 31)) & 1) === 1;

/** Samples in which two channels differ. */
export function hamming({ samples, words }: GatePatterns, a: number, b: number): number {
  const row = wordsFor(samples);
  let count = 0;
  for (let i = 0; i < row; i++) count += popcount(words[a * row + i] ^ words[b * row + i]);
  return count;
}

function bothOpen({ samples, words }: GatePatterns, a: number, b: number): number {
  const row = wordsFor(samples);
  let count = 0;
  for (let i = 0; i < row; i++) count += popcount(words[a * row + i] & words[b * row + i]);
  return count;
}

/** Open samples of each channel. */
export const openCounts = (patterns: GatePatterns): number[] =>
  Array.from({ length: patterns.channels }, (_, c) => bothOpen(patterns, c, c));

/** Covariance of the gates as 0/1 variables over the samples, channels × channels, row-major (biased: divided by K). */
export function covarianceOf(patterns: GatePatterns): Float64Array {
  const { channels, samples } = patterns;
  const means = openCounts(patterns).map((count) => count / samples);
  const covariance = new Float64Array(channels * channels);
  for (let a = 0; a < channels; a++)
    for (let b = a; b < channels; b++) {
      const value = bothOpen(patterns, a, b) / samples - means[a] * means[b];
      covariance[a * channels + b] = value;
      covariance[b * channels + a] = value;
    }
  return covariance;
}

/** The control: each channel keeps its gates but in an order of its own, so that only chance agreement between channels is left. */
export function shuffled(patterns: GatePatterns, random: () => number): GatePatterns {
  const { channels, samples } = patterns;
  const order = Uint32Array.from({ length: samples }, (_, k) => k);
  const words = new Uint32Array(patterns.words.length);
  const row = wordsFor(samples);
  for (let c = 0; c < channels; c++) {
    for (let k = samples - 1; k > 0; k--) {
      const other = Math.floor(random() * (k + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    for (let k = 0; k < samples; k++) if (isOpen(patterns, c, order[k])) words[c * row + (k >> 5)] |= 1 << (k & 31);
  }
  return { channels, samples, words };
}

/** Some of the samples, in the order of `chosen`: one image's positions, or one position over images. */
export const samplesOf = (patterns: GatePatterns, chosen: ArrayLike<number>): GatePatterns =>
  patternsFrom(patterns.channels, chosen.length, (c, k) => isOpen(patterns, c, chosen[k]));
