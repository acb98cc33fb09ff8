/** Z_2^64 and its linear maps against BigInt, written out from their definitions. */
import { describe, expect, test } from 'vitest';
import { applyMap, inputSize, outputSize, weightCount } from './linearMap.ts';
import type { ConvMap } from './linearMap.ts';
import { randomSeed, RandomStream } from './randomness.ts';
import {
  add,
  fromReals,
  integerAt,
  multiply,
  negate,
  subtract,
  toReals,
  truncateShare,
  truncateValue,
} from './ring.ts';
import type { RingVector } from './ring.ts';

const random = new RandomStream(randomSeed());
const big = (vector: RingVector): bigint[] =>
  Array.from({ length: vector.length / 2 }, (_, i) => BigInt(vector[2 * i]) + (BigInt(vector[2 * i + 1]) << 32n));
const wrap = (value: bigint) => BigInt.asUintN(64, value);

/** Random values with the edges among them. */
function operands(count: number): RingVector {
  const vector = random.ring(count);
  vector.set([0, 0, 0xffffffff, 0xffffffff, 0, 0x80000000, 0xffffffff, 0x7fffffff, 0xffffffff, 0, 0, 1]);
  return vector;
}

describe('ring', () => {
  test('adds, subtracts, negates and multiplies as BigInt does mod 2^64', () => {
    const a = operands(3000);
    const b = operands(3000);
    b.reverse();
    const [x, y] = [big(a), big(b)];
    expect(big(add(a, b))).toEqual(x.map((value, i) => wrap(value + y[i])));
    expect(big(subtract(a, b))).toEqual(x.map((value, i) => wrap(value - y[i])));
    expect(big(negate(a))).toEqual(x.map((value) => wrap(-value)));
    expect(big(multiply(a, b))).toEqual(x.map((value, i) => wrap(value * y[i])));
  });

  test('reads back the reals that it writes', () => {
    const reals = [0, 1, -1, 0.5, -0.5, 1000.25, -32767.75, 2 ** 30, -(2 ** 30)];
    expect(Array.from(toReals(fromReals(reals, 16), 16))).toEqual(reals);
    expect(() => fromReals([2 ** 40], 16)).toThrow('cannot be written with 16 fraction bits');
    expect(() => fromReals([Number.NaN], 16)).toThrow('cannot be written');
  });

  test('truncates shares to the floor or one more', () => {
    const value = fromReals(
      Float64Array.from({ length: 20_000 }, (_, i) => (i - 10_000) * 1.37),
      30,
    );
    const client = random.ring(20_000);
    const server = subtract(value, client);
    const result = add(truncateShare(server, 14, 'server'), truncateShare(client, 14, 'client'));
    const floors = Array.from({ length: 20_000 }, (_, i) => Math.floor(integerAt(value, i) / 2 ** 14));
    expect(floors.filter((floor, i) => ![0, 1].includes(integerAt(result, i) - floor))).toEqual([]);
    const nearest = truncateValue(value, 14);
    const expected = floors.map((_, i) => Math.floor(integerAt(value, i) / 2 ** 14 + 0.5));
    expect(floors.map((_, i) => integerAt(nearest, i))).toEqual(expected);
  });
});

function convolved(map: ConvMap, weights: bigint[], x: bigint[]): bigint[] {
  const [inputs, height, width] = map.in;
  const [outputs, outHeight, outWidth] = map.out;
  const pad = (map.kernel - 1) / 2;
  const y: bigint[] = [];
  for (let o = 0; o < outputs; o++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++) {
        let sum = 0n;
        for (let c = 0; c < inputs; c++)
          for (let ky = 0; ky < map.kernel; ky++)
            for (let kx = 0; kx < map.kernel; kx++) {
              const iy = oy * map.stride + ky - pad;
              const ix = ox * map.stride + kx - pad;
              if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
              sum +=
                weights[((o * inputs + c) * map.kernel + ky) * map.kernel + kx] * x[(c * height + iy) * width + ix];
            }
        y.push(wrap(sum));
      }
  return y;
}

describe('linear maps', () => {
  const maps: ConvMap[] = [
    { kind: 'conv', in: [3, 5, 6], out: [2, 5, 6], kernel: 3, stride: 1 },
    { kind: 'conv', in: [2, 7, 5], out: [3, 4, 3], kernel: 3, stride: 2 },
    { kind: 'conv', in: [4, 6, 6], out: [2, 3, 3], kernel: 1, stride: 2 },
    { kind: 'conv', in: [9, 1, 1], out: [5, 1, 1], kernel: 1, stride: 1 },
  ];
  test.each(maps)('convolve over the whole ring, kernel $kernel, stride $stride', (map) => {
    const weights = operands(Math.max(6, weightCount(map)));
    const x = operands(2 * inputSize(map));
    const images = [0, 1].map((i) => big(x).slice(i * inputSize(map), (i + 1) * inputSize(map)));
    const expected = images.flatMap((image) => convolved(map, big(weights), image));
    expect(big(applyMap(map, weights, x, 2))).toEqual(expected);
  });

  test('give the same with small signed weights', () => {
    const map = maps[1];
    const weights = fromReals(
      Float64Array.from({ length: weightCount(map) }, (_, i) => ((i * 7) % 11) / 4 - 1.3),
      14,
    );
    const x = operands(inputSize(map));
    expect(big(applyMap(map, weights, x))).toEqual(convolved(map, big(weights), big(x)));
  });

  test('scale each channel and sum the terms', () => {
    const map = { kind: 'diagonal' as const, terms: 2, channel: [0, 0, 2, 1], channels: 3 };
    const weights = operands(6);
    const x = operands(8);
    const [w, v] = [big(weights), big(x)];
    expect(big(applyMap(map, weights, x))).toEqual(map.channel.map((c, n) => wrap(w[c] * v[n] + w[3 + c] * v[4 + n])));
    expect(outputSize(map)).toBe(4);
  });

  test('refuse vectors of another length', () => {
    expect(() => applyMap(maps[0], operands(54), operands(10))).toThrow('54 weights and 90 inputs got 54 and 10');
  });
});
