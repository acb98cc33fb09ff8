/** The garbled comparator against plain addition: every pair at 8 bits, edge cases and random words at 32. */
import { expect, test } from 'vitest';
import { activeLabels, evaluate, garble } from './comparator.ts';
import { LabelHash } from './labelHash.ts';
import { randomSeed, RandomStream } from './randomness.ts';

const hash = new LabelHash(randomSeed().slice(0, 16));
const random = new RandomStream(randomSeed());

/** Most significant bits of a + b from the two parties' shares. */
function garbledMsb(a: Uint32Array, b: Uint32Array, bits: number): Uint8Array {
  const n = a.length;
  const offset = random.words(4);
  offset[0] |= 1;
  const zeroA = random.words(bits * n * 4);
  const zeroB = random.words(bits * n * 4);
  const { tables, colours } = garble(hash, offset, zeroA, zeroB, n, 17, bits);
  const active = (zero: Uint32Array, words: Uint32Array) => activeLabels(zero, offset, words, bits);
  return evaluate(hash, tables, active(zeroA, a), active(zeroB, b), n, 17, bits).map((bit, i) => bit ^ colours[i]);
}

test('adds every pair of 8-bit words', () => {
  const a = Uint32Array.from({ length: 65536 }, (_, i) => i >> 8);
  const b = Uint32Array.from({ length: 65536 }, (_, i) => i & 255);
  const expected = Uint8Array.from(a, (value, i) => ((value + b[i]) >> 7) & 1);
  expect(garbledMsb(a, b, 8)).toEqual(expected);
});

test('gives DReLU of 0, −1, 1, minimum and maximum for any sharing', () => {
  const values = [0, -1, 1, -(2 ** 31) + 1, 2 ** 31 - 1, 2 ** 30, -(2 ** 30)];
  const client = random.words(values.length * 500);
  const server = client.map((share, i) => values[i % values.length] - share - 1);
  const drelu = garbledMsb(server, client, 32).map((bit) => bit ^ 1);
  expect(drelu).toEqual(Uint8Array.from(client, (_, i) => (values[i % values.length] > 0 ? 1 : 0)));
});

test('adds 50,000 random pairs of 32-bit words', () => {
  const a = random.words(50_000);
  const b = random.words(50_000);
  expect(garbledMsb(a, b, 32)).toEqual(Uint8Array.from(a, (value, i) => ((value + b[i]) >>> 0) >>> 31));
});

test('takes 31 gates of 32 bytes for 32 bits', () => {
  const zero = random.words(128);
  expect(garble(hash, Uint32Array.of(1, 0, 0, 0), zero, zero, 1, 0).tables.byteLength).toBe(31 * 32);
});
