/**
 * Transposes a bit matrix of 128 columns into rows of 128 bits: the step between the two halves of OT extension.
 *
 * Bit b of word w of column c becomes bit (c mod 32) of word (c div 32) of row 32w + b. Blocks of 32×32 bits are turned by the
 * recursive swap of Warren, Hacker's Delight (2nd edition, section 7-3).
 */

const COLUMNS = 128;

/** Transposes 32 words in place: bit b of word k ↔ bit k of word b. */
function transpose32(a: Uint32Array): void {
  for (let size = 16, mask = 0x0000ffff; size !== 0; size >>>= 1, mask ^= mask << size)
    for (let k = 0; k < 32; k = (k + size + 1) & ~size) {
      const swapped = ((a[k] >>> size) ^ a[k + size]) & mask;
      a[k] ^= swapped << size;
      a[k + size] ^= swapped;
    }
}

/**
 * @param columns 128 columns of `words` 32-bit words each, one after the other
 * @returns 32 · words rows of 4 words
 */
export function rowsOf(columns: Uint32Array, words: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(COLUMNS * words);
  const block = new Uint32Array(32);
  for (let w = 0; w < words; w++)
    for (let group = 0; group < 4; group++) {
      for (let k = 0; k < 32; k++) block[k] = columns[(32 * group + k) * words + w];
      transpose32(block);
      for (let b = 0; b < 32; b++) rows[(32 * w + b) * 4 + group] = block[b];
    }
  return rows;
}
