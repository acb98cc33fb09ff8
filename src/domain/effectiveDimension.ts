/**
 * Effective dimension of a site's gates, normalised by its channels (DeepShare, Bornfeld & Avidan 2025, Figure 2; which of the two
 * measures the paper uses is not specified, the choice is ours): small means that the gates are redundant and can be shared.
 *
 *   participation   (Σλ)² / Σλ² / C        λ: eigenvalues of the C×C covariance of the gates; Σλ is its trace, Σλ² the sum of
 *                                          its squared entries, so that no eigenvalue need be computed
 *   entropy         exp(−Σ p·ln p) / C     p = λ / Σλ
 *
 * All channels equal: 1/C. Two groups of equal channels: 2/C. Independent fair coins: near 1. Constant gates: 0.
 */
import { symmetricEigenvalues } from './eigenvalues.ts';
import type { SiteIdMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec, Site } from './network.ts';

export type DimensionMeasure = 'participation' | 'entropy';

/** Between 0 (constant gates) and 1. `covariance`: channels × channels, row-major. */
export function effectiveDimension(
  covariance: Float64Array,
  channels: number,
  measure: DimensionMeasure = 'participation',
): number {
  if (covariance.length !== channels * channels)
    throw new RangeError(`${covariance.length} numbers are no covariance of ${channels} channels.`);
  let trace = 0;
  for (let c = 0; c < channels; c++) trace += covariance[c * channels + c];
  if (!(trace > 0)) return 0;
  if (measure === 'participation') {
    let squares = 0;
    for (const value of covariance) squares += value * value;
    return (trace * trace) / squares / channels;
  }
  let entropy = 0;
  for (const value of symmetricEigenvalues(covariance, channels)) {
    const share = value / trace;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy) / channels;
}

export interface PrototypeSuggestion {
  /** Prototypes of each site: overrides of the sharing method. */
  counts: SiteIdMap<number>;
  /** One per stage, stem first: the mean of its sites' counts over their channels. */
  ratios: number[];
  /** DReLUs that the counts make, without sharing across layers. */
  drelus: number;
}

/**
 * Prototype counts from normalised effective dimensions by site. Without a budget a site gets ⌈dimension · C⌉; with one, all
 * dimensions are multiplied by the largest common factor that keeps the DReLUs within it (at least 1 prototype per site).
 * Sites without a dimension keep all channels.
 */
export function suggestPrototypes(
  spec: NetworkSpec,
  dimensions: SiteIdMap<number>,
  budget: number | null = null,
): PrototypeSuggestion {
  const sites = sitesOf(spec);
  const countOf = (site: Site, factor: number) => {
    const [channels] = site.shape;
    const wanted = (dimensions[site.id] ?? 1) * channels * factor;
    // A hair less before rounding up, so that 2/C · C is 2 and not 3.
    return Math.max(1, Math.min(channels, Math.ceil(wanted - 1e-9)));
  };
  const drelusOf = (factor: number) =>
    sites.reduce((sum, site) => sum + countOf(site, factor) * site.shape[1] * site.shape[2], 0);
  let factor = 1;
  if (budget !== null) {
    let [low, high] = [0, Math.max(...sites.map((site) => 1 / Math.max(1e-6, dimensions[site.id] ?? 1)))];
    for (let i = 0; i < 60; i++) {
      factor = (low + high) / 2;
      if (drelusOf(factor) <= budget) low = factor;
      else high = factor;
    }
    factor = low;
  }
  const counts = Object.fromEntries(sites.map((site) => [site.id, countOf(site, factor)]));
  const ratios = [0, ...spec.blocks].map((_, stage) => {
    const shares = sites.filter((site) => site.stage === stage).map((site) => counts[site.id] / site.shape[0]);
    return shares.length > 0 ? shares.reduce((a, b) => a + b, 0) / shares.length : 1;
  });
  return { counts, ratios, drelus: drelusOf(factor) };
}
