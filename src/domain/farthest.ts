/**
 * Prototypes chosen on recorded gates of a trained network (our implementation; DeepShare's own rule is not specified):
 *
 *   first prototype     the medoid, the channel nearest to all others
 *   each next           the channel farthest from its nearest prototype so far (Gonzalez 1985: at most twice the best radius)
 *   each replicate      joins the prototype with which it agrees most often
 *
 * Distance: samples in which two gates differ. Ties go to the lower channel, so that the choice is deterministic.
 */
import { hamming, isOpen } from './gatePatterns.ts';
import type { GatePatterns } from './gatePatterns.ts';
import type { Assignment } from './sharing.ts';

/** Sum of distances to all channels, for each channel; by samples: an open gate differs from each closed one. */
function remoteness(patterns: GatePatterns): Float64Array {
  const { channels, samples } = patterns;
  const total = new Float64Array(channels);
  for (let k = 0; k < samples; k++) {
    let open = 0;
    for (let c = 0; c < channels; c++) if (isOpen(patterns, c, k)) open++;
    for (let c = 0; c < channels; c++) total[c] += isOpen(patterns, c, k) ? channels - open : open;
  }
  return total;
}

const indexOfBest = (values: ArrayLike<number>, better: (a: number, b: number) => boolean): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (better(values[i], values[best])) best = i;
  return best;
};

/**
 * `count` prototypes among the channels of a site, in rising order, and whose DReLU each channel uses.
 * @throws RangeError where there are not so many channels.
 */
export function farthestPrototypes(patterns: GatePatterns, count: number): Assignment {
  const { channels } = patterns;
  if (!Number.isInteger(count) || count < 1 || count > channels)
    throw new RangeError(`${count} prototypes cannot be chosen among ${channels} channels.`);
  const first = indexOfBest(remoteness(patterns), (a, b) => a < b);
  const chosen = [first];
  const nearest = Float64Array.from({ length: channels }, (_, c) => hamming(patterns, c, first));
  nearest[first] = -1;
  while (chosen.length < count) {
    const next = indexOfBest(nearest, (a, b) => a > b);
    chosen.push(next);
    for (let c = 0; c < channels; c++)
      if (nearest[c] >= 0) nearest[c] = Math.min(nearest[c], hamming(patterns, c, next));
    nearest[next] = -1;
  }
  const prototypes = chosen.sort((a, b) => a - b);
  return { prototypes, source: nearestPrototypes(patterns, patterns, prototypes) };
}

/**
 * For each channel of `borrower`, the prototype of `owner` with which it agrees most often over the same samples; a prototype of
 * the same site uses its own.
 */
export function nearestPrototypes(
  borrower: GatePatterns,
  owner: GatePatterns,
  prototypes: readonly number[],
): number[] {
  if (borrower.samples !== owner.samples)
    throw new RangeError(`Gates recorded over ${borrower.samples} and ${owner.samples} samples cannot be compared.`);
  const row = Math.ceil(owner.samples / 32);
  const words = new Uint32Array((borrower.channels + prototypes.length) * row);
  words.set(borrower.words);
  prototypes.forEach((p, i) => words.set(owner.words.subarray(p * row, (p + 1) * row), (borrower.channels + i) * row));
  const both: GatePatterns = { channels: borrower.channels + prototypes.length, samples: owner.samples, words };
  const own = new Set(borrower === owner ? prototypes : []);
  return Array.from({ length: borrower.channels }, (_, c) => {
    if (own.has(c)) return c;
    const distances = prototypes.map((_p, i) => hamming(both, c, borrower.channels + i));
    return prototypes[indexOfBest(distances, (a, b) => a < b)];
  });
}
