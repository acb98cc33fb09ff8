/**
 * Every random stream of a run is seeded by the experiment's seed and the stream's name, so that no draw depends on how many
 * came before it: an epoch can be drawn again after a crash, and the length of one phase does not change the images of another.
 *
 *   seed of a stream = MurmurHash3's finaliser over FNV-1a of "seed/name/…"
 */
import { fnv1a, mix32 } from '../domain/hash.ts';
import { Random } from '../domain/random.ts';

/** A 32-bit seed for the stream of this name, e.g. seedFor(1, 'order', 'dense', 3). */
export const seedFor = (seed: number, ...name: (string | number)[]): number => mix32(fnv1a([seed, ...name].join('/')));

/** The order in which an epoch walks through `indices`: a fresh shuffle for every phase and epoch. */
export function epochOrder(indices: Uint32Array, seed: number, phase: string, epoch: number): Uint32Array {
  return new Random(seedFor(seed, 'order', phase, epoch)).shuffle(indices.slice());
}

/** Seed of the crops and flips of an epoch (engine/augment.ts draws from it and the position in the order). */
export const augmentSeed = (seed: number, phase: string, epoch: number): number =>
  seedFor(seed, 'augment', phase, epoch);
