/**
 * The hash of garbling and oblivious transfer: one ChaCha8 block (RFC 8439's layout, 8 rounds), cut to its first 128 bits.
 *
 *   constants (4 words) | label (4) | salt (4) | tweak (4)  → permutation → + input → words 0-3
 *
 * Security argument. Label and tweak fill 256 of the 512 bits; constants and session salt, 256 bits, are fixed. A permutation taken as
 * ideal, with 256 bits of fixed input and a cut output, is a one-block sponge with capacity at least 256 bits, indifferentiable from
 * a random oracle up to about 2^128 queries (Bertoni, Daemen, Peeters, Van Assche, EUROCRYPT 2008). A random oracle is a tweakable
 * circular correlation robust hash, which half gates and OT extension with a fixed offset need (Guo, Katz, Wang, Yu, IEEE S&P 2020,
 * sections 3 and 4). Eight rounds: the best published attacks reach 7 (Aumasson, "Too Much Crypto", 2019).
 *
 * Every use has its own tweak: domain, index and position are packed by `tweakOf…` of the callers.
 */

export class LabelHash {
  readonly salt: Int32Array;
  /** The last digest, four words. */
  readonly out = new Int32Array(4);

  /** @param salt 16 public bytes of this session */
  constructor(salt: Uint8Array) {
    if (salt.length !== 16) throw new RangeError(`A salt has 16 bytes, not ${salt.length}.`);
    this.salt = new Int32Array(salt.slice().buffer);
  }

  /** Hashes the label k0…k3 under the tweak (t0, t1, t2, 0) into `out`. */
  hash(k0: number, k1: number, k2: number, k3: number, t0: number, t1: number, t2: number): void {
    const s = this.salt;
    const s0 = s[0];
    const s1 = s[1];
    const s2 = s[2];
    const s3 = s[3];
    // "expand 32-byte k", as in ChaCha.
    let a0 = 0x61707865;
    let a1 = 0x3320646e;
    let a2 = 0x79622d32;
    let a3 = 0x6b206574;
    let b0 = k0;
    let b1 = k1;
    let b2 = k2;
    let b3 = k3;
    let c0 = s0;
    let c1 = s1;
    let c2 = s2;
    let c3 = s3;
    let d0 = t0;
    let d1 = t1;
    let d2 = t2;
    let d3 = 0;
    for (let round = 0; round < 4; round++) {
      // Columns.
      a0 = (a0 + b0) | 0;
      d0 ^= a0;
      d0 = (d0 << 16) | (d0 >>> 16);
      c0 = (c0 + d0) | 0;
      b0 ^= c0;
      b0 = (b0 << 12) | (b0 >>> 20);
      a0 = (a0 + b0) | 0;
      d0 ^= a0;
      d0 = (d0 << 8) | (d0 >>> 24);
      c0 = (c0 + d0) | 0;
      b0 ^= c0;
      b0 = (b0 << 7) | (b0 >>> 25);
      a1 = (a1 + b1) | 0;
      d1 ^= a1;
      d1 = (d1 << 16) | (d1 >>> 16);
      c1 = (c1 + d1) | 0;
      b1 ^= c1;
      b1 = (b1 << 12) | (b1 >>> 20);
      a1 = (a1 + b1) | 0;
      d1 ^= a1;
      d1 = (d1 << 8) | (d1 >>> 24);
      c1 = (c1 + d1) | 0;
      b1 ^= c1;
      b1 = (b1 << 7) | (b1 >>> 25);
      a2 = (a2 + b2) | 0;
      d2 ^= a2;
      d2 = (d2 << 16) | (d2 >>> 16);
      c2 = (c2 + d2) | 0;
      b2 ^= c2;
      b2 = (b2 << 12) | (b2 >>> 20);
      a2 = (a2 + b2) | 0;
      d2 ^= a2;
      d2 = (d2 << 8) | (d2 >>> 24);
      c2 = (c2 + d2) | 0;
      b2 ^= c2;
      b2 = (b2 << 7) | (b2 >>> 25);
      a3 = (a3 + b3) | 0;
      d3 ^= a3;
      d3 = (d3 << 16) | (d3 >>> 16);
      c3 = (c3 + d3) | 0;
      b3 ^= c3;
      b3 = (b3 << 12) | (b3 >>> 20);
      a3 = (a3 + b3) | 0;
      d3 ^= a3;
      d3 = (d3 << 8) | (d3 >>> 24);
      c3 = (c3 + d3) | 0;
      b3 ^= c3;
      b3 = (b3 << 7) | (b3 >>> 25);
      // Diagonals.
      a0 = (a0 + b1) | 0;
      d3 ^= a0;
      d3 = (d3 << 16) | (d3 >>> 16);
      c2 = (c2 + d3) | 0;
      b1 ^= c2;
      b1 = (b1 << 12) | (b1 >>> 20);
      a0 = (a0 + b1) | 0;
      d3 ^= a0;
      d3 = (d3 << 8) | (d3 >>> 24);
      c2 = (c2 + d3) | 0;
      b1 ^= c2;
      b1 = (b1 << 7) | (b1 >>> 25);
      a1 = (a1 + b2) | 0;
      d0 ^= a1;
      d0 = (d0 << 16) | (d0 >>> 16);
      c3 = (c3 + d0) | 0;
      b2 ^= c3;
      b2 = (b2 << 12) | (b2 >>> 20);
      a1 = (a1 + b2) | 0;
      d0 ^= a1;
      d0 = (d0 << 8) | (d0 >>> 24);
      c3 = (c3 + d0) | 0;
      b2 ^= c3;
      b2 = (b2 << 7) | (b2 >>> 25);
      a2 = (a2 + b3) | 0;
      d1 ^= a2;
      d1 = (d1 << 16) | (d1 >>> 16);
      c0 = (c0 + d1) | 0;
      b3 ^= c0;
      b3 = (b3 << 12) | (b3 >>> 20);
      a2 = (a2 + b3) | 0;
      d1 ^= a2;
      d1 = (d1 << 8) | (d1 >>> 24);
      c0 = (c0 + d1) | 0;
      b3 ^= c0;
      b3 = (b3 << 7) | (b3 >>> 25);
      a3 = (a3 + b0) | 0;
      d2 ^= a3;
      d2 = (d2 << 16) | (d2 >>> 16);
      c1 = (c1 + d2) | 0;
      b0 ^= c1;
      b0 = (b0 << 12) | (b0 >>> 20);
      a3 = (a3 + b0) | 0;
      d2 ^= a3;
      d2 = (d2 << 8) | (d2 >>> 24);
      c1 = (c1 + d2) | 0;
      b0 ^= c1;
      b0 = (b0 << 7) | (b0 >>> 25);
    }
    const out = this.out;
    out[0] = a0 + 0x61707865;
    out[1] = a1 + 0x3320646e;
    out[2] = a2 + 0x79622d32;
    out[3] = a3 + 0x6b206574;
  }
}
