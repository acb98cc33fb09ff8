/**
 * From trained α to bits, and what is counted on the way.
 *
 *   threshold   α ← 1[α > ε]                                                 (the SNL paper)
 *   exact       the budget's largest α ← 1, all others 0; of equal α the first in forward order, then in C,H,W order,
 *               is kept. One α per channel stands for H·W DReLUs: channels are taken from the largest α down, and one that no
 *               longer fits is skipped.
 */
import { countsOf, maskEntriesOf, type Counts, type KnownGates } from '../domain/counting.ts';
import { gateOf, type GateMap } from '../domain/gateMap.ts';
import { sitesOf, type NetworkSpec, type Site } from '../domain/network.ts';
import type { TensorMap } from '../engine/api.ts';

interface MaskedSite {
  site: Site;
  name: string;
  alpha: Float32Array;
  /** DReLUs per α. */
  each: number;
}

function maskedSites(network: NetworkSpec, gates: GateMap, weights: TensorMap): MaskedSite[] {
  return sitesOf(network).flatMap((site) => {
    const gate = gateOf(gates, site.id);
    const entries = maskEntriesOf(site, gate);
    if (entries === 0) return [];
    const name = `${site.id}.alpha`;
    // An engine initialises α that it was not given to 1.
    const alpha = weights.get(name)?.data ?? new Float32Array(entries).fill(1);
    const each = gate.kind === 'mask' && gate.granularity === 'channel' ? site.shape[1] * site.shape[2] : 1;
    return [{ site, name, alpha, each }];
  });
}

/** Mask bits (α > ε) and scales in the form of the domain's counting. */
export function knownGatesOf(network: NetworkSpec, gates: GateMap, weights: TensorMap, epsilon: number): KnownGates {
  const known: KnownGates = {};
  for (const { id } of sitesOf(network)) {
    const scale = weights.get(`${id}.scale`)?.data;
    if (scale) known[id] = { scale };
  }
  for (const { site, alpha } of maskedSites(network, gates, weights))
    known[site.id] = { ...known[site.id], kept: Uint8Array.from(alpha, (value) => (value > epsilon ? 1 : 0)) };
  return known;
}

/** DReLUs, multiplications, MACs and parameters of a trained network. */
export const countsOfWeights = (network: NetworkSpec, gates: GateMap, weights: TensorMap, epsilon = 0.5): Counts =>
  countsOf(network, gates, knownGatesOf(network, gates, weights, epsilon));

/** DReLUs with α > ε. */
export const keptDrelus = (network: NetworkSpec, gates: GateMap, weights: TensorMap, epsilon: number): number =>
  countsOfWeights(network, gates, weights, epsilon).total.drelus;

/**
 * DReLUs that binary masks keep, and how many of them had α ≤ ε before: with "exact" these fill a budget that λ has already pushed
 * the count below.
 */
export function keptBelow(
  network: NetworkSpec,
  gates: GateMap,
  before: TensorMap,
  binary: TensorMap,
  epsilon: number,
): { kept: number; below: number } {
  const kept = keptDrelus(network, gates, binary, 0.5);
  const both: TensorMap = new Map(binary);
  for (const { name, alpha } of maskedSites(network, gates, before)) {
    const bits = binary.get(name);
    if (bits) both.set(name, { ...bits, data: bits.data.map((bit, i) => (alpha[i] > epsilon ? bit : 0)) });
  }
  return { kept, below: kept - keptDrelus(network, gates, both, 0.5) };
}

/** True where every α is 0 or 1. */
export const isBinary = (network: NetworkSpec, gates: GateMap, weights: TensorMap): boolean =>
  maskedSites(network, gates, weights).every(({ alpha }) => alpha.every((value) => value === 0 || value === 1));

/** Weights with every α 0 or 1; all else as it was. */
export function binarise(
  network: NetworkSpec,
  gates: GateMap,
  weights: TensorMap,
  rule: { epsilon: number } | { keep: number },
): TensorMap {
  const sites = maskedSites(network, gates, weights);
  const bits =
    'keep' in rule
      ? largest(network, gates, sites, rule.keep)
      : sites.map(({ alpha }) => alpha.map((value) => (value > rule.epsilon ? 1 : 0)));
  const result: TensorMap = new Map(weights);
  sites.forEach(({ name, site }, i) => {
    const gate = gateOf(gates, site.id);
    const [channels, height, width] = site.shape;
    const rows = gate.kind === 'share' ? gate.prototypes.length : channels;
    const shape = bits[i].length === rows * height * width ? [rows, height, width] : [rows, 1, 1];
    result.set(name, { shape: weights.get(name)?.shape ?? shape, data: bits[i] });
  });
  return result;
}

/** The largest α of all sites together, up to `keep` DReLUs. */
function largest(network: NetworkSpec, gates: GateMap, sites: MaskedSite[], keep: number): Float32Array[] {
  const none: KnownGates = Object.fromEntries(
    sites.map(({ site, alpha }) => [site.id, { kept: new Uint8Array(alpha.length) }]),
  );
  // DReLUs that no mask can remove.
  const fixed = countsOf(network, gates, none).total.drelus;
  let left = Math.max(0, keep - fixed);
  const bits = sites.map(({ alpha }) => new Float32Array(alpha.length));
  const total = sites.reduce((sum, { alpha }) => sum + alpha.length, 0);
  const siteOf = new Uint32Array(total);
  const indexOf = new Uint32Array(total);
  let at = 0;
  sites.forEach(({ alpha }, s) => {
    for (let i = 0; i < alpha.length; i++, at++) {
      siteOf[at] = s;
      indexOf[at] = i;
    }
  });
  const valueOf = (n: number) => sites[siteOf[n]].alpha[indexOf[n]];
  const order = Uint32Array.from({ length: total }, (_, n) => n).sort((a, b) => valueOf(b) - valueOf(a) || a - b);
  for (const n of order) {
    if (left <= 0) break;
    const { each } = sites[siteOf[n]];
    if (each > left) continue;
    bits[siteOf[n]][indexOf[n]] = 1;
    left -= each;
  }
  return bits;
}
