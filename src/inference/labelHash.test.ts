/** The label hash against the ChaCha8 of @noble/ciphers. */
import { chacha8 } from '@noble/ciphers/chacha.js';
import { expect, test } from 'vitest';
import { LabelHash } from './labelHash.ts';

test('is the first 16 bytes of a ChaCha8 block keyed by label and salt', () => {
  for (let round = 0; round < 200; round++) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const label = crypto.getRandomValues(new Uint32Array(4));
    const tweak = crypto.getRandomValues(new Uint32Array(3));
    // The counter of @noble/ciphers stays below 2^31.
    tweak[0] >>>= 1;
    const hash = new LabelHash(salt);
    hash.hash(label[0], label[1], label[2], label[3], tweak[0], tweak[1], tweak[2]);
    const key = new Uint8Array([...new Uint8Array(label.buffer), ...salt]);
    const nonce = new Uint8Array(new Uint32Array([tweak[1], tweak[2], 0]).buffer);
    const block = chacha8(key, nonce, new Uint8Array(64), undefined, tweak[0]);
    expect(new Uint8Array(hash.out.buffer)).toEqual(block.slice(0, 16));
  }
});
