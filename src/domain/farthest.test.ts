/** Farthest-point selection of prototypes against brute force. */
import { describe, expect, it } from 'vitest';
import { farthestPrototypes, nearestPrototypes } from './farthest.ts';
import { hamming, isOpen, patternsFrom } from './gatePatterns.ts';
import { network } from './presets.ts';
import { sharingGates } from './sharing.ts';
import type { SharingSettings } from './sharing.ts';
import { seeded } from './testing.ts';

describe('farthest-point prototypes', () => {
  /** `groups` random gates; channel c is group c mod groups with a little noise. */
  const grouped = (groups: number, channels: number, noise: number, seed: number) => {
    const random = seeded(seed);
    const samples = 400;
    const base = Array.from({ length: groups * samples }, () => random.next() < 0.5);
    const flips = Array.from({ length: channels * samples }, () => random.next() < noise);
    return patternsFrom(channels, samples, (c, k) => base[(c % groups) * samples + k] !== flips[c * samples + k]);
  };

  it('takes one of each group, and each replicate joins its own', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { prototypes, source } = farthestPrototypes(grouped(4, 20, 0.05, seed), 4);
      expect(new Set(prototypes.map((p) => p % 4)).size).toBe(4);
      expect(prototypes).toEqual(prototypes.toSorted((a, b) => a - b));
      source.forEach((p, c) => expect(p % 4).toBe(c % 4));
      prototypes.forEach((p) => expect(source[p]).toBe(p));
    }
  });

  it('is deterministic, gives distinct prototypes even for equal channels, and assigns the nearest of them', () => {
    const patterns = grouped(3, 12, 0.3, 7);
    const choice = farthestPrototypes(patterns, 5);
    expect(farthestPrototypes(patterns, 5)).toEqual(choice);
    choice.source.forEach((p, c) => {
      const least = Math.min(...choice.prototypes.map((q) => hamming(patterns, c, q)));
      expect(choice.prototypes.includes(c) ? least : hamming(patterns, c, p)).toBe(least);
    });
    const equal = patternsFrom(6, 10, (_, k) => k % 2 === 0);
    expect(farthestPrototypes(equal, 3)).toEqual({ prototypes: [0, 1, 2], source: [0, 1, 2, 0, 0, 0] });
    expect(farthestPrototypes(equal, 6).prototypes).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('covers at most twice as badly as the best choice of prototypes (Gonzalez 1985)', () => {
    const patterns = grouped(5, 10, 0.2, 11);
    const radius = (chosen: number[]) =>
      Math.max(...Array.from({ length: 10 }, (_, c) => Math.min(...chosen.map((p) => hamming(patterns, c, p)))));
    let best = Infinity;
    for (let a = 0; a < 10; a++)
      for (let b = a + 1; b < 10; b++) for (let c = b + 1; c < 10; c++) best = Math.min(best, radius([a, b, c]));
    expect(radius(farthestPrototypes(patterns, 3).prototypes)).toBeLessThanOrEqual(2 * best);
  });

  it('lets a borrower join the owner’s prototypes over the same samples', () => {
    const owner = grouped(4, 8, 0, 3);
    const borrower = patternsFrom(6, 400, (c, k) => isOpen(owner, 3 - (c % 4), k));
    expect(nearestPrototypes(borrower, owner, [0, 1, 2, 3])).toEqual([3, 2, 1, 0, 3, 2]);
    expect(() =>
      nearestPrototypes(
        patternsFrom(1, 3, () => true),
        owner,
        [0],
      ),
    ).toThrow(/3 and 400 samples/);
  });

  it('goes into a gate map, and counts out of range are refused', () => {
    const spec = network(8);
    const method: SharingSettings = {
      ratios: [1, 0.5, 0.5, 0.5, 0.5],
      overrides: {},
      crossLayer: 'off',
      borrow: {},
      affine: true,
    };
    const chosen = { 'layer1.0.gate1': farthestPrototypes(grouped(4, 8, 0.02, 5), 4) };
    const gates = sharingGates(spec, method, {}, chosen);
    expect(gates['layer1.0.gate1']).toMatchObject(chosen['layer1.0.gate1']);
    expect(() => farthestPrototypes(grouped(2, 4, 0, 1), 5)).toThrow(/5 prototypes .* 4 channels/);
  });
});
