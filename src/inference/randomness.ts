/**
 * Randomness: seeds from the platform's generator, expanded by ChaCha20 (RFC 8439, @noble/ciphers). A stream is named by its seed
 * and three numbers, so that two parties who share a seed draw the same values for the same purpose without talking.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import type { RingVector } from './ring.ts';

export const SEED_BYTES = 32;

/** 32 bytes of the platform's generator. */
export const randomSeed = (): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES));

const BLOCK = 64;
/** Keystream blocks of one nonce; RFC 8439 has a 32-bit counter. */
const LAST_BLOCK = 2 ** 32;

export class RandomStream {
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  #block = 0;
  #rest = new Uint8Array(0);

  /** @param name up to three numbers below 2^32 that tell this stream from others of the same seed */
  constructor(seed: Uint8Array, ...name: number[]) {
    if (seed.length !== SEED_BYTES) throw new RangeError(`A seed has ${SEED_BYTES} bytes, not ${seed.length}.`);
    this.#key = seed;
    this.#nonce = new Uint8Array(new Uint32Array([...name, 0, 0, 0].slice(0, 3)).buffer);
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(count);
    const kept = Math.min(count, this.#rest.length);
    result.set(this.#rest.subarray(0, kept));
    this.#rest = this.#rest.subarray(kept);
    const wanted = count - kept;
    if (wanted === 0) return result;
    const blocks = Math.ceil(wanted / BLOCK);
    if (this.#block + blocks > LAST_BLOCK) throw new RangeError('A random stream has run out: begin a new session.');
    const fresh = chacha20(this.#key, this.#nonce, new Uint8Array(blocks * BLOCK), undefined, this.#block);
    this.#block += blocks;
    result.set(fresh.subarray(0, wanted), kept);
    this.#rest = fresh.slice(wanted);
    return result;
  }

  words(count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.bytes(4 * count).buffer);
  }

  /** Uniform elements of Z_2^64. */
  ring(count: number): RingVector {
    return this.words(2 * count);
  }
}
