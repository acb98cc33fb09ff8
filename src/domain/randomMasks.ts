/**
 * Masks drawn at random: exactly a given number of DReLUs stay, the control that methods which select them are compared with.
 *
 *   uniform        every neuron (or channel, or prototype's neuron) is equally likely to stay
 *   proportional   each site keeps its part of the number, by weights (the DReLUs that another run kept there); within a site
 *                  every neuron is equally likely. Parts are rounded by largest remainder; what a site cannot hold goes to
 *                  the other sites in proportion, and to sites of weight 0 only once all others are full.
 *
 * An α per channel stands for H·W DReLUs: channels that no longer fit are passed over, so that fewer than the number may stay.
 */
import { countsOf, maskEntriesOf, type KnownGates } from './counting.ts';
import { gateOf, type GateMap, type SiteIdMap } from './gateMap.ts';
import { sitesOf, type NetworkSpec } from './network.ts';
import type { Random } from './random.ts';

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Whole parts of `total` in proportion to `shares`, none above its room; the largest remainders are rounded up. */
function partsByShare(total: number, shares: readonly number[], room: readonly number[]): number[] {
  const parts = shares.map(() => 0);
  let open = shares.map((_, i) => i).filter((i) => shares[i] > 0);
  let left = total;
  const quotas = () => {
    const sum = sumOf(open.map((i) => shares[i]));
    return open.map((i) => ({ i, quota: (left * shares[i]) / sum }));
  };
  // Sites that cannot hold their quota are filled, the others share what is left.
  for (let full = quotas().filter(({ i, quota }) => quota >= room[i]); full.length > 0;) {
    for (const { i } of full) parts[i] = room[i];
    left -= sumOf(full.map(({ i }) => room[i]));
    open = open.filter((i) => !full.some((other) => other.i === i));
    full = quotas().filter(({ i, quota }) => quota >= room[i]);
  }
  const exact = quotas();
  for (const { i, quota } of exact) parts[i] = Math.floor(quota);
  const rest = open.length > 0 ? left - sumOf(open.map((i) => parts[i])) : 0;
  const remainder = ({ quota }: { quota: number }) => quota - Math.floor(quota);
  for (const { i } of exact.toSorted((a, b) => remainder(b) - remainder(a) || a.i - b.i).slice(0, rest)) parts[i]++;
  return parts;
}

/** Whole parts of `total`, by weight, none above its capacity; their sum is `total`, or all capacities where these are less. */
export function apportion(total: number, weights: readonly number[], capacities: readonly number[]): number[] {
  const parts = partsByShare(total, weights, capacities);
  const room = capacities.map((capacity, i) => capacity - parts[i]);
  const rest = partsByShare(total - sumOf(parts), room, room);
  return parts.map((part, i) => part + rest[i]);
}

export interface MaskDraw {
  /** DReLUs to keep. */
  budget: number;
  /** Weight per site; absent sites have 0. null: uniform. */
  proportions: SiteIdMap<number> | null;
  random: Random;
  /** Masks that are binary already: what they dropped stays dropped. */
  before?: KnownGates;
}

/** Mask bits per masked site, 1 = kept: C·H·W or C entries, P·H·W over prototypes. */
export function drawMasks(network: NetworkSpec, gates: GateMap, draw: MaskDraw): SiteIdMap<Uint8Array> {
  const { budget, proportions, random, before = {} } = draw;
  const pools = sitesOf(network).flatMap((site) => {
    const gate = gateOf(gates, site.id);
    const entries = maskEntriesOf(site, gate);
    if (entries === 0) return [];
    const each = gate.kind === 'mask' && gate.granularity === 'channel' ? site.shape[1] * site.shape[2] : 1;
    const kept = before[site.id]?.kept;
    const candidates = Uint32Array.from({ length: entries }, (_, i) => i).filter((i) => !kept || kept[i]);
    return [{ id: site.id, each, candidates, bits: new Uint8Array(entries) }];
  });
  const none: KnownGates = Object.fromEntries(pools.map(({ id, bits }) => [id, { kept: bits.slice() }]));
  // What no mask can remove.
  const fixed = countsOf(network, gates, none).total.drelus;
  const budgetLeft = Math.max(0, budget - fixed);

  const keep = (order: Iterable<[pool: number, index: number]>, most: number): number => {
    let left = most;
    for (const [pool, index] of order) {
      const { each, bits } = pools[pool];
      if (left <= 0) break;
      if (each > left || bits[index]) continue;
      bits[index] = 1;
      left -= each;
    }
    return most - left;
  };
  /** Every candidate of these pools in random order. */
  const shuffled = (chosen: readonly number[]): [number, number][] => {
    const all = chosen.flatMap((p) => Array.from(pools[p].candidates, (index): [number, number] => [p, index]));
    const order = random.shuffle(Uint32Array.from({ length: all.length }, (_, i) => i));
    return Array.from(order, (i) => all[i]);
  };

  const everywhere = pools.map((_, p) => p);
  let left = budgetLeft;
  if (proportions) {
    const weights = pools.map(({ id }) => proportions[id] ?? 0);
    const capacities = pools.map(({ each, candidates }) => each * candidates.length);
    apportion(budgetLeft, weights, capacities).forEach((part, p) => (left -= keep(shuffled([p]), part)));
  }
  // Uniform, or the channels that the sites' parts had no room for.
  if (left > 0) keep(shuffled(everywhere), left);
  return Object.fromEntries(pools.map(({ id, bits }) => [id, bits]));
}
