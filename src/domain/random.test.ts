/** The generators: recorded results depend on their streams, so they are pinned to what they have drawn from the beginning. */
import { describe, expect, it } from 'vitest';
import { fnv1a, mix32, sha256Hex } from './hash.ts';
import { mulberry32, Random } from './random.ts';

describe('streams', () => {
  it('of sfc32 stay what they were', () => {
    const random = new Random(1, 2, 3);
    expect([random.uint32(), random.uint32(), random.below(10), random.unit()]).toEqual([
      3790467596, 3672331284, 4, 0.7542198547162116,
    ]);
  });

  it('of mulberry32 stay what they were', () => {
    const next = mulberry32(7);
    expect([next(), next()]).toEqual([0.011704753153026104, 0.06195825757458806]);
  });

  it('of neighbouring seeds have nothing in common', () => {
    const draws = [0, 1, 2]
      .map((seed) => new Random(seed))
      .map((random) => Array.from({ length: 64 }, () => random.uint32()));
    expect(new Set(draws.flat()).size).toBe(3 * 64);
  });
});

describe('shuffling', () => {
  it('makes every order of four equally likely', () => {
    const random = new Random(11);
    const seen = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([0, 1, 2, 3]).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    // Chi-squared with 23 degrees of freedom: 49.7 is passed by one sequence in a thousand.
    expect([...seen.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(49.7);
  });
});

describe('hashes', () => {
  it('FNV-1a, MurmurHash3’s finaliser and SHA-256 give their published values', async () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
    expect([mix32(0), mix32(1)]).toEqual([0, 0x514e28b7]);
    expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
