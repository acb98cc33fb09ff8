/**
 * Random numbers that are the same on every machine: 32-bit integers only.
 *
 *   Random       sfc32 (Chris Doty-Humphrey, PractRand), seeded from a few integers through a mixing step. A generator for each
 *                (seed, stream, index) makes every image, split and mask independent of how many others are drawn.
 *   mulberry32   for the XOR demo and the shuffled controls of gate analysis, whose seeds are known by what it draws, and for tests.
 */
import { mix32 } from './hash.ts';

export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** A generator of its own for each tuple of integers (each taken modulo 2³²). */
  constructor(...seeds: number[]) {
    this.restart(...seeds);
  }

  /** sfc32 with its three words as given, the first `warmUp` outputs dropped. */
  static ofWords(a: number, b: number, c: number, warmUp: number): Random {
    const random = new Random();
    random.begin(a, b, c, warmUp);
    return random;
  }

  restart(...seeds: number[]): void {
    let h = 0x9e3779b9;
    for (const seed of seeds) h = (mix32(h ^ (seed >>> 0)) + 0x9e3779b9) >>> 0;
    this.begin(mix32(h ^ 0x243f6a88), mix32(h ^ 0x85a308d3), mix32(h ^ 0x13198a2e), 8);
  }

  private begin(a: number, b: number, c: number, warmUp: number): void {
    this.a = a;
    this.b = b;
    this.c = c;
    this.counter = 1;
    for (let i = 0; i < warmUp; i++) this.uint32();
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

/** @returns draws uniform in [0, 1) */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
