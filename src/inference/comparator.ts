/**
 * The garbled comparator: for two 32-bit words a (garbler, server) and b (evaluator, client) the most significant bit of a + b mod 2^32.
 *
 *   c_0 = 0,  c_{i+1} = c_i ⊕ (a_i ⊕ c_i)(b_i ⊕ c_i),  i = 0 … 30;  msb = a_31 ⊕ b_31 ⊕ c_31
 *
 * 31 AND gates, the least that a 32-bit carry needs. XOR is free (Kolesnikov & Schneider, ICALP 2008); an AND gate is two half gates of
 * 16 bytes each (Zahur, Rosulek & Evans, EUROCRYPT 2015); the lowest bit of a label is its point-and-permute colour, so that the lowest
 * bit of the offset Δ is 1. With a = server's share − 1 and b = client's share, DReLU(z) = 1[z > 0] is NOT msb for −2^31 < z < 2^31.
 *
 * Arrays are structures of arrays, bit by bit, so that a GPU's neighbouring threads read neighbouring words (n comparators):
 *
 *   labels   (32, n, 4) words: bit i of comparator j at (i·n + j)·4
 *   tables   (31, n, 8) words: generator's half gate, evaluator's half gate
 *   tweak    (first + j, 2i or 2i + 1, domain)
 */
import type { LabelHash } from './labelHash.ts';

export const BITS = 32;
export const GATES = BITS - 1;
export const LABEL_WORDS = 4;
export const TABLE_WORDS = 8;
/** Third tweak word of gates; transfers use others. */
export const GATE_DOMAIN = 1;

export interface Garbled {
  tables: Uint32Array<ArrayBuffer>;
  /** The colour of each output's 0 label: the garbler's share of msb. */
  colours: Uint8Array;
}

/**
 * Garbles n comparators.
 * @param offset Δ, 4 words, lowest bit 1
 * @param zeroA, zeroB 0 labels of the two inputs, (32, n, 4)
 * @param first index of the first comparator in this session; below 2^32
 */
export function garble(
  hash: LabelHash,
  offset: Uint32Array,
  zeroA: Uint32Array,
  zeroB: Uint32Array,
  n: number,
  first: number,
  bits = BITS,
): Garbled {
  const tables = new Uint32Array((bits - 1) * n * TABLE_WORDS);
  const colours = new Uint8Array(n);
  const { out } = hash;
  const [r0, r1, r2, r3] = new Int32Array(offset);
  for (let j = 0; j < n; j++) {
    const index = first + j;
    // The carry's 0 label. Before bit 0 the carry is the constant 0, whose label is taken as all zeros on both sides.
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let i = 0; i < bits - 1; i++) {
      const at = (i * n + j) * LABEL_WORDS;
      const x0 = zeroA[at] ^ c0;
      const x1 = zeroA[at + 1] ^ c1;
      const x2 = zeroA[at + 2] ^ c2;
      const x3 = zeroA[at + 3] ^ c3;
      const y0 = zeroB[at] ^ c0;
      const y1 = zeroB[at + 1] ^ c1;
      const y2 = zeroB[at + 2] ^ c2;
      const y3 = zeroB[at + 3] ^ c3;
      const colourX = -(x0 & 1);
      const colourY = -(y0 & 1);
      // Generator's half gate: x AND (the colour of y).
      hash.hash(x0, x1, x2, x3, index, 2 * i, GATE_DOMAIN);
      const g0 = out[0];
      const g1 = out[1];
      const g2 = out[2];
      const g3 = out[3];
      hash.hash(x0 ^ r0, x1 ^ r1, x2 ^ r2, x3 ^ r3, index, 2 * i, GATE_DOMAIN);
      const tg0 = g0 ^ out[0] ^ (r0 & colourY);
      const tg1 = g1 ^ out[1] ^ (r1 & colourY);
      const tg2 = g2 ^ out[2] ^ (r2 & colourY);
      const tg3 = g3 ^ out[3] ^ (r3 & colourY);
      // Evaluator's half gate: x AND (y ⊕ its colour).
      hash.hash(y0, y1, y2, y3, index, 2 * i + 1, GATE_DOMAIN);
      const e0 = out[0];
      const e1 = out[1];
      const e2 = out[2];
      const e3 = out[3];
      hash.hash(y0 ^ r0, y1 ^ r1, y2 ^ r2, y3 ^ r3, index, 2 * i + 1, GATE_DOMAIN);
      const te0 = e0 ^ out[0] ^ x0;
      const te1 = e1 ^ out[1] ^ x1;
      const te2 = e2 ^ out[2] ^ x2;
      const te3 = e3 ^ out[3] ^ x3;
      const to = (i * n + j) * TABLE_WORDS;
      tables[to] = tg0;
      tables[to + 1] = tg1;
      tables[to + 2] = tg2;
      tables[to + 3] = tg3;
      tables[to + 4] = te0;
      tables[to + 5] = te1;
      tables[to + 6] = te2;
      tables[to + 7] = te3;
      c0 ^= g0 ^ (tg0 & colourX) ^ e0 ^ ((te0 ^ x0) & colourY);
      c1 ^= g1 ^ (tg1 & colourX) ^ e1 ^ ((te1 ^ x1) & colourY);
      c2 ^= g2 ^ (tg2 & colourX) ^ e2 ^ ((te2 ^ x2) & colourY);
      c3 ^= g3 ^ (tg3 & colourX) ^ e3 ^ ((te3 ^ x3) & colourY);
    }
    const last = ((bits - 1) * n + j) * LABEL_WORDS;
    colours[j] = (zeroA[last] ^ zeroB[last] ^ c0) & 1;
  }
  return { tables, colours };
}

/**
 * Evaluates n comparators on active labels.
 * @returns the colour of each output's active label: the evaluator's share of msb
 */
export function evaluate(
  hash: LabelHash,
  tables: Uint32Array,
  labelsA: Uint32Array,
  labelsB: Uint32Array,
  n: number,
  first: number,
  bits = BITS,
): Uint8Array {
  const colours = new Uint8Array(n);
  const { out } = hash;
  for (let j = 0; j < n; j++) {
    const index = first + j;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let i = 0; i < bits - 1; i++) {
      const at = (i * n + j) * LABEL_WORDS;
      const table = (i * n + j) * TABLE_WORDS;
      const x0 = labelsA[at] ^ c0;
      const x1 = labelsA[at + 1] ^ c1;
      const x2 = labelsA[at + 2] ^ c2;
      const x3 = labelsA[at + 3] ^ c3;
      const y0 = labelsB[at] ^ c0;
      const y1 = labelsB[at + 1] ^ c1;
      const y2 = labelsB[at + 2] ^ c2;
      const y3 = labelsB[at + 3] ^ c3;
      const colourX = -(x0 & 1);
      const colourY = -(y0 & 1);
      hash.hash(x0, x1, x2, x3, index, 2 * i, GATE_DOMAIN);
      c0 ^= out[0] ^ (tables[table] & colourX);
      c1 ^= out[1] ^ (tables[table + 1] & colourX);
      c2 ^= out[2] ^ (tables[table + 2] & colourX);
      c3 ^= out[3] ^ (tables[table + 3] & colourX);
      hash.hash(y0, y1, y2, y3, index, 2 * i + 1, GATE_DOMAIN);
      c0 ^= out[0] ^ ((tables[table + 4] ^ x0) & colourY);
      c1 ^= out[1] ^ ((tables[table + 5] ^ x1) & colourY);
      c2 ^= out[2] ^ ((tables[table + 6] ^ x2) & colourY);
      c3 ^= out[3] ^ ((tables[table + 7] ^ x3) & colourY);
    }
    const last = ((bits - 1) * n + j) * LABEL_WORDS;
    colours[j] = (labelsA[last] ^ labelsB[last] ^ c0) & 1;
  }
  return colours;
}

/**
 * Active labels of known words: zero ⊕ bit · Δ.
 * @param words n 32-bit values
 */
export function activeLabels(
  zero: Uint32Array,
  offset: Uint32Array,
  words: Uint32Array,
  bits = BITS,
): Uint32Array<ArrayBuffer> {
  const n = words.length;
  const labels = new Uint32Array(zero);
  for (let i = 0; i < bits; i++)
    for (let j = 0; j < n; j++) {
      const select = -((words[j] >>> i) & 1);
      const at = (i * n + j) * LABEL_WORDS;
      for (let k = 0; k < LABEL_WORDS; k++) labels[at + k] ^= offset[k] & select;
    }
  return labels;
}
