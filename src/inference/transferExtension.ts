/**
 * Oblivious transfer extension (Ishai, Kilian, Nissim & Petrank, CRYPTO 2003, semi-honest), in its correlated form: for transfer j the
 * sender holds q_j, the receiver t_j = q_j ⊕ r_j·s, with r_j the receiver's choice and s the sender's 128-bit offset for the session.
 *
 *   receiver   column i of T is G(k_i0); sends u_i = G(k_i0) ⊕ G(k_i1) ⊕ r               128 bits a transfer
 *   sender     column i of Q is G(k_i,s_i) ⊕ s_i·u_i
 *
 * G is ChaCha20 under the base transfers' keys. The lowest bit of s is 1: s is also the offset of the garbled labels, so that the rows
 * are the evaluator's input labels as they stand, and nothing further is sent for them.
 */
import { ProtocolError } from './errors.ts';
import { RandomStream } from './randomness.ts';
import { rowsOf } from './transpose.ts';

const COLUMNS = 128;

/** 32-bit words of one column for `count` transfers. */
export const wordsFor = (count: number): number => Math.ceil(count / 32);

/** Bit i of four words. */
export const bitOf = (words: ArrayLike<number>, i: number): number => (words[i >> 5] >>> (i & 31)) & 1;

export class ExtensionSender {
  readonly #streams: RandomStream[];

  /**
   * @param offset s, 4 words
   * @param keys the base transfers' keys chosen by the bits of s
   */
  constructor(
    readonly offset: Uint32Array,
    keys: Uint8Array[],
  ) {
    this.#streams = keys.map((key) => new RandomStream(key));
  }

  /** Rows q_j, 4 words each; more than `count` where that is no multiple of 32. */
  rows(count: number, message: Uint32Array): Uint32Array<ArrayBuffer> {
    const words = wordsFor(count);
    if (message.length !== COLUMNS * words)
      throw new ProtocolError(`${count} transfers take ${COLUMNS * words} words, but ${message.length} came.`);
    const columns = new Uint32Array(COLUMNS * words);
    for (let i = 0; i < COLUMNS; i++) {
      columns.set(this.#streams[i].words(words), i * words);
      if (bitOf(this.offset, i)) for (let w = i * words; w < (i + 1) * words; w++) columns[w] ^= message[w];
    }
    return rowsOf(columns, words);
  }
}

export class ExtensionReceiver {
  readonly #streams: [RandomStream, RandomStream][];

  constructor(keys: [Uint8Array, Uint8Array][]) {
    this.#streams = keys.map(([zero, one]) => [new RandomStream(zero), new RandomStream(one)]);
  }

  /**
   * @param choices bits r_j packed in words, lowest bit first
   * @returns the message for the sender and the rows t_j
   */
  choose(count: number, choices: Uint32Array): { message: Uint32Array<ArrayBuffer>; rows: Uint32Array<ArrayBuffer> } {
    const words = wordsFor(count);
    const columns = new Uint32Array(COLUMNS * words);
    const message = new Uint32Array(COLUMNS * words);
    for (let i = 0; i < COLUMNS; i++) {
      const zero = this.#streams[i][0].words(words);
      const one = this.#streams[i][1].words(words);
      columns.set(zero, i * words);
      for (let w = 0; w < words; w++) message[i * words + w] = zero[w] ^ one[w] ^ choices[w];
    }
    return { message, rows: rowsOf(columns, words) };
  }
}
