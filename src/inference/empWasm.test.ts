/** The comparator beside emp-wasm (authenticated garbling of the EMP toolkit): the same circuit on the same shares gives the same bits. */
import { BufferedIO, secureMPC } from 'emp-wasm';
import { expect, test } from 'vitest';
import { activeLabels, evaluate, garble } from './comparator.ts';
import { LabelHash } from './labelHash.ts';
import { randomSeed, RandomStream } from './randomness.ts';

const BITS = 32;
const COUNT = 64;

/** The carry chains of `count` comparators in Bristol format, as the comparator's file gives them. */
function bristol(count: number): string {
  let wires = 2 * BITS * count;
  const lines: string[] = [];
  const gate = (a: number, b: number, kind: 'XOR' | 'AND') => {
    lines.push(`2 1 ${a} ${b} ${wires} ${kind}`);
    return wires++;
  };
  const last = Array.from({ length: count }, (_, j) => {
    const [a, b] = [j * BITS, (count + j) * BITS];
    let carry = gate(a, b, 'AND');
    for (let i = 1; i < BITS - 1; i++)
      carry = gate(carry, gate(gate(a + i, carry, 'XOR'), gate(b + i, carry, 'XOR'), 'AND'), 'XOR');
    return [gate(a + BITS - 1, b + BITS - 1, 'XOR'), carry];
  });
  for (const [sum, carry] of last) gate(sum, carry, 'XOR');
  return `${lines.length} ${wires}\n${BITS * count} ${BITS * count} ${count}\n\n${lines.join('\n')}\n`;
}

async function byEmp(a: Uint32Array, b: Uint32Array): Promise<Uint8Array> {
  const ends: BufferedIO[] = [];
  for (const party of [0, 1])
    ends[party] = new BufferedIO(
      1 - party,
      (_, channel, data) => {
        const copy = data.slice();
        setTimeout(() => ends[1 - party].accept(channel, copy), 0);
      },
      () => undefined,
    );
  const bitsOf = (words: Uint32Array) =>
    Uint8Array.from({ length: BITS * words.length }, (_, k) => (words[k >> 5] >>> (k & 31)) & 1);
  const circuit = bristol(a.length);
  const inputBitsPerParty = [BITS * a.length, BITS * b.length];
  const [result] = await Promise.all(
    [a, b].map((words, party) =>
      secureMPC({ party, size: 2, circuit, inputBits: bitsOf(words), inputBitsPerParty, io: ends[party] }),
    ),
  );
  return result;
}

test('emp-wasm computes the same bits from the same shares', { timeout: 180_000 }, async () => {
  const random = new RandomStream(randomSeed());
  const values = [0, -1, 1, -(2 ** 31), 2 ** 31 - 1];
  const b = random.words(COUNT);
  const a = random.words(COUNT).map((word, j) => (j < 20 ? values[j % 5] - b[j] : word));
  const offset = random.words(4);
  offset[0] |= 1;
  const [zeroA, zeroB] = [random.words(BITS * COUNT * 4), random.words(BITS * COUNT * 4)];
  const hash = new LabelHash(randomSeed().slice(0, 16));
  const { tables, colours } = garble(hash, offset, zeroA, zeroB, COUNT, 0);
  const active = (zero: Uint32Array, words: Uint32Array) => activeLabels(zero, offset, words);
  const own = evaluate(hash, tables, active(zeroA, a), active(zeroB, b), COUNT, 0).map((bit, j) => bit ^ colours[j]);
  expect(own).toEqual(Uint8Array.from(await byEmp(a, b)));
});
