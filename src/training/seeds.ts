/**
 * Every random stream of a run comes from the experiment's seed and the stream's name, so that no draw depends on how many
 * were made before it: an epoch can be drawn again after a crash, and another phase's length changes nobody's pictures.
 *
 *   seed of a stream = MurmurHash3's finaliser over FNV-1a of "seed/name/…"
 */
import { Random } from '../data/random.ts';

/** A 32-bit seed for the stream of this name, e.g. seedFor(1, 'order', 'dense', 3). */
export function seedFor(seed: number, ...name: (string | number)[]): number {
  const text = [seed, ...name].join('/');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The order in which an epoch walks through `indices`: a fresh shuffle for every phase and epoch. */
export function epochOrder(indices: Uint32Array, seed: number, phase: string, epoch: number): Uint32Array {
  return new Random(seedFor(seed, 'order', phase, epoch)).shuffle(indices.slice());
}

/** Seed of the crops and flips of an epoch (engine/augment.ts draws from it and the position in the order). */
export const augmentSeed = (seed: number, phase: string, epoch: number): number =>
  seedFor(seed, 'augment', phase, epoch);
