/** Bits packed in 32-bit words, lowest bit first, as choices and flips travel. */

export function packWords(bits: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(bits.length / 32));
  for (let i = 0; i < bits.length; i++) words[i >> 5] |= (bits[i] & 1) << (i & 31);
  return words;
}

export function unpackWords(words: Uint32Array, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = (words[i >> 5] >>> (i & 31)) & 1;
  return bits;
}

/**
 * The client's choices for n comparators: bit i of word j at i·n + j, then one random bit for each comparator.
 * @param words n inputs
 * @param random n bits
 */
export function comparatorChoices(words: Uint32Array, random: Uint8Array): Uint32Array<ArrayBuffer> {
  const n = words.length;
  const choices = new Uint32Array(Math.ceil((33 * n) / 32));
  for (let i = 0; i < 32; i++)
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      choices[at >> 5] |= ((words[j] >>> i) & 1) << (at & 31);
    }
  for (let j = 0; j < n; j++) choices[(32 * n + j) >> 5] |= random[j] << ((32 * n + j) & 31);
  return choices;
}
