/** Random masks: exactly the budget stays, every neuron is equally likely, and per-layer proportions are kept. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from './composition.ts';
import { countsOf } from './counting.ts';
import { maskedGates } from './maskGates.ts';
import { deepshareMethod } from './methods/deepshare.ts';
import type { NetworkSpec } from './network.ts';
import { sitesOf } from './network.ts';
import { quickPhase } from './phase.ts';
import { network } from './presets.ts';
import { Random } from './random.ts';
import { apportion, drawMasks } from './randomMasks.ts';
import { randomNetwork, seeded } from './testing.ts';

const countOf = (bits: Uint8Array) => bits.reduce((sum, bit) => sum + bit, 0);
const small: NetworkSpec = network(2, { blocks: [1, 1], widths: [3, 4], inputShape: [3, 4, 4] });
const total = countsOf(small).total.drelus;

describe('the parts of a number', () => {
  it.each([
    [10, [1, 1, 1], [9, 9, 9], [4, 3, 3]],
    [10, [5, 3, 2], [9, 9, 9], [5, 3, 2]],
    [10, [8, 1, 1], [4, 9, 9], [4, 3, 3]],
    [10, [1, 0, 0], [4, 3, 9], [4, 2, 4]],
    [99, [1, 0, 2], [4, 3, 9], [4, 3, 9]],
    [0, [1, 2, 3], [4, 3, 9], [0, 0, 0]],
    [7, [0, 0, 0], [4, 4, 4], [3, 2, 2]],
  ])('%d by %j within %j is %j', (whole, weights, capacities, parts) => {
    expect(apportion(whole, weights, capacities)).toEqual(parts);
  });

  it('add up, fit, and are the quota rounded where nothing is full', () => {
    const random = seeded(3);
    for (let round = 0; round < 500; round++) {
      const sites = 1 + random.below(6);
      const capacities = Array.from({ length: sites }, () => random.below(50));
      const weights = capacities.map(() => (random.next() < 0.3 ? 0 : random.next() * 10));
      const whole = random.below(200);
      const parts = apportion(whole, weights, capacities);
      const most = capacities.reduce((sum, c) => sum + c, 0);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(Math.min(whole, most));
      parts.forEach((part, i) => expect(part).toBeLessThanOrEqual(capacities[i]));
      const weight = weights.reduce((sum, w) => sum + w, 0);
      if (weight > 0 && parts.every((part, i) => part < capacities[i] || weights[i] === 0))
        parts.forEach((part, i) => expect(Math.abs(part - (whole * weights[i]) / weight)).toBeLessThan(1));
    }
  });
});

describe('drawn masks', () => {
  it('keep exactly the budget on any network, uniform or in proportions, and the same for the same seed', () => {
    const random = seeded(5);
    for (let round = 0; round < 40; round++) {
      const spec = randomNetwork(random);
      const gates = maskedGates(spec, {}, 'pixel');
      const most = countsOf(spec, gates).total.drelus;
      const budget = random.below(most + 10);
      const weights = Object.fromEntries(sitesOf(spec).map(({ id }) => [id, random.below(4)]));
      for (const proportions of [null, weights]) {
        const draw = (seed: number) => drawMasks(spec, gates, { budget, proportions, random: new Random(seed) });
        const bits = draw(round);
        const known = Object.fromEntries(Object.entries(bits).map(([id, kept]) => [id, { kept }]));
        expect(countsOf(spec, gates, known).total.drelus).toBe(Math.min(budget, most));
        expect(draw(round)).toEqual(bits);
      }
    }
  });

  it('keep every neuron equally often', () => {
    const gates = maskedGates(small, {}, 'pixel');
    const often = Object.fromEntries(
      sitesOf(small).map(({ id, shape: [c, h, w] }) => [id, new Float64Array(c * h * w)]),
    );
    const rounds = 2000;
    for (let seed = 0; seed < rounds; seed++)
      for (const [id, bits] of Object.entries(
        drawMasks(small, gates, { budget: total / 4, proportions: null, random: new Random(seed) }),
      ))
        bits.forEach((bit, i) => (often[id][i] += bit));
    const counts = Object.values(often).flatMap((values) => [...values]);
    const deviation = Math.sqrt(rounds * 0.25 * 0.75);
    for (const n of counts) expect(Math.abs(n - rounds / 4)).toBeLessThan(5 * deviation);
    // Their spread is that of coin tosses, not less (which a draw by layer would have).
    const variance = counts.reduce((sum, n) => sum + (n - rounds / 4) ** 2, 0) / counts.length;
    expect(variance / deviation ** 2).toBeGreaterThan(0.75);
    expect(variance / deviation ** 2).toBeLessThan(1.25);
  });

  it('have as many per layer as another run', () => {
    const proportions = { 'layer1.0.gate1': 10, 'layer1.0.gate2': 0, 'layer2.0.gate1': 5, 'layer2.0.gate2': 1 };
    const gates = maskedGates(small, {}, 'pixel');
    const kept = (budget: number) =>
      Object.values(drawMasks(small, gates, { budget, proportions, random: new Random(1) })).map(countOf);
    expect(kept(16)).toEqual([10, 0, 5, 1]);
    expect(kept(32)).toEqual([20, 0, 10, 2]);
    // 48 · 10/16 = 30 for the first; layer 2 holds 16 per site.
    expect(kept(48)).toEqual([30, 0, 15, 3]);
    // A full layer passes on what it cannot hold.
    expect(kept(64)).toEqual([44, 0, 16, 4]);
  });

  it('by channel keep whole channels, as many as fit', () => {
    const gates = maskedGates(small, {}, 'channel');
    const bits = drawMasks(small, gates, { budget: 41, proportions: null, random: new Random(4) });
    const drelus = sitesOf(small).map(({ id, shape: [, h, w] }) => countOf(bits[id]) * h * w);
    // Channels of 16 and of 4 DReLUs reach every multiple of 4 here.
    expect(drelus.reduce((sum, n) => sum + n, 0)).toBe(40);
  });

  it('over shared gates are those of the prototypes', () => {
    const phase = quickPhase(1);
    const shared = gateMapOf({ network: small, methods: [deepshareMethod(0.5, 2, phase, phase)] });
    const gates = maskedGates(small, shared, 'pixel');
    const before = countsOf(small, shared).total.drelus;
    const bits = drawMasks(small, gates, { budget: 30, proportions: null, random: new Random(1) });
    const known = Object.fromEntries(Object.entries(bits).map(([id, kept]) => [id, { kept }]));
    expect(countsOf(small, gates, known).total.drelus).toBe(30);
    expect(before).toBeGreaterThan(30);
    expect(bits['layer1.0.gate1']).toHaveLength(2 * 16);
  });

  it('keep nothing that earlier masks have dropped', () => {
    const gates = maskedGates(small, {}, 'pixel');
    const before = drawMasks(small, gates, { budget: 60, proportions: null, random: new Random(1) });
    const known = Object.fromEntries(Object.entries(before).map(([id, kept]) => [id, { kept }]));
    const after = drawMasks(small, gates, { budget: 20, proportions: null, random: new Random(2), before: known });
    for (const [id, bits] of Object.entries(after))
      bits.forEach((bit, i) => expect(bit).toBeLessThanOrEqual(before[id][i]));
    expect(Object.values(after).reduce((sum, bits) => sum + countOf(bits), 0)).toBe(20);
  });
});
