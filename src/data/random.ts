/**
 * Random numbers that are the same on every machine: sfc32 (Chris Doty-Humphrey's PractRand), 32-bit integers only, started
 * from a few integers through a mixing step. A generator for (seed, stream, index) makes every image and every split
 * independent of how many others are drawn.
 */

/** One round of the finaliser of MurmurHash3: a bijection of 32-bit integers. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** A generator of its own for each tuple of integers (each taken modulo 2³²). */
  constructor(...seeds: number[]) {
    this.restart(...seeds);
  }

  restart(...seeds: number[]): void {
    let h = 0x9e3779b9;
    for (const seed of seeds) h = (mix(h ^ (seed >>> 0)) + 0x9e3779b9) >>> 0;
    this.a = mix(h ^ 0x243f6a88);
    this.b = mix(h ^ 0x85a308d3);
    this.c = mix(h ^ 0x13198a2e);
    this.counter = 1;
    for (let i = 0; i < 8; i++) this.uint32();
  }

  /** Uniform integer in [0, 2³²). */
  uint32(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** Uniform in [0, 1), 32 bits: an exact quotient, so the same everywhere. */
  unit(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.unit();
  }

  /** Uniform integer in [0, n), without bias (Lemire's rejection by multiplication needs 64 bits; here plain rejection). */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % n;
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends Uint32Array | Uint8Array | number[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}
