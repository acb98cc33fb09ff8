/**
 * The validation split: drawn by seed from the training part, stratified, so that every class gives its share.
 *
 * With n_c images of class c and share s, the classes together give round(s·n) images: floor(s·n_c) each, the rest to the
 * classes with the largest remainders (ties to the lower class). Which images of a class are held out is decided by one permutation of
 * all images. The page and the command line share this function.
 */
import { Random } from '../domain/random.ts';
import { countPerClass } from './stats.ts';

/** Keeps this use of a seed apart from all others. */
const STREAM = 0x73706c69;

export interface Split {
  /** Indices, ascending. */
  train: Uint32Array;
  validation: Uint32Array;
}

export function splitValidation(labels: ArrayLike<number>, classes: number, share: number, seed: number): Split {
  const count = labels.length;
  const perClass = countPerClass(labels, classes);

  const quota = perClass.map((n) => Math.floor(n * share));
  let missing = Math.round(count * share) - quota.reduce((sum, n) => sum + n, 0);
  const byRemainder = perClass
    .map((n, c) => ({ c, rest: n * share - quota[c] }))
    .sort((a, b) => b.rest - a.rest || a.c - b.c);
  for (const { c } of byRemainder) {
    if (missing <= 0) break;
    if (quota[c] < perClass[c]) {
      quota[c]++;
      missing--;
    }
  }

  const order = new Random(STREAM, seed).shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  const chosen = new Uint8Array(count);
  for (const index of order) {
    if (quota[labels[index]] > 0) {
      quota[labels[index]]--;
      chosen[index] = 1;
    }
  }
  const pick = (flag: number): Uint32Array => {
    const indices: number[] = [];
    for (let i = 0; i < count; i++) if (chosen[i] === flag) indices.push(i);
    return Uint32Array.from(indices);
  };
  return { train: pick(0), validation: pick(1) };
}
