/** Bit packing and base64 as numpy writes and reads them. */
import { describe, expect, it } from 'vitest';
import { fromBase64, packBits, toBase64, unpackBits } from './packbits.ts';
import { seeded } from './testing.ts';

describe('base64-packbits', () => {
  it('packs bits as numpy does: the first neuron in the highest bit', () => {
    const bits = [1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1];
    // numpy.packbits([1,0,0,0,0,0,0,1, 0,1,1]) = [0x81, 0x60]
    expect([...packBits(bits)]).toEqual([0x81, 0x60]);
    expect(toBase64(packBits(bits))).toBe('gWA=');
    expect([...unpackBits(fromBase64('gWA='), 11)]).toEqual(bits);
  });

  it('base64 agrees with the platform’s on every length', () => {
    const random = seeded(5);
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, () => random.below(256));
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect([...fromBase64(toBase64(bytes))]).toEqual([...bytes]);
    }
    expect(() => fromBase64('abc')).toThrow(SyntaxError);
    expect(() => fromBase64('ab!=')).toThrow(/character 3/);
  });
});
