/**
 * The latency of the dense network and of what each method leaves, in the order in which methods apply, so that each one's saving
 * can be read off. Masks are not known before the run: a budget is spread over the sites as the DReLUs before it are.
 */
import { budgetOf, gateStagesOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import type { SiteCount } from '../../domain/counting.ts';
import { methodTitle } from '../../domain/describeMethods.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { latencyOf } from '../../domain/latency.ts';
import type { Latency, LatencySettings } from '../../domain/latency.ts';

export interface LatencyStep {
  /** "Dense network", else the method that was applied last. */
  title: string;
  drelus: number;
  multiplications: number;
  latency: Latency;
}

const total = (sites: readonly SiteCount[], key: 'drelus' | 'multiplications') =>
  sites.reduce((sum, site) => sum + site[key], 0);

/** Every site with the same share of its DReLUs and multiplications. */
export const scaledSites = (sites: readonly SiteCount[], share: number): SiteCount[] =>
  sites.map((site) => ({ ...site, drelus: site.drelus * share, multiplications: site.multiplications * share }));

/** @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network. */
export function latencySteps(
  experiment: Pick<Experiment, 'network' | 'methods'>,
  settings: LatencySettings,
): LatencyStep[] {
  const { network } = experiment;
  const budget = budgetOf(experiment);
  return gateStagesOf(experiment).map(({ method, gates }) => {
    let { sites } = countsOf(network, gates);
    if (budget && method === budget.method)
      sites = scaledSites(sites, budget.before > 0 ? Math.min(1, budget.drelus / budget.before) : 0);
    return {
      title: method === null ? 'Dense network' : methodTitle(method),
      drelus: Math.round(total(sites, 'drelus')),
      multiplications: Math.round(total(sites, 'multiplications')),
      latency: latencyOf(network, { sites }, settings),
    };
  });
}

/** Causes of latency in the order in which they are stacked. */
export const PARTS = ['relu', 'linear', 'multiplication', 'fixed'] as const;
export type Part = (typeof PARTS)[number];

export const PART_TITLES: Record<Part, string> = {
  relu: 'ReLUs',
  linear: 'FLOPs',
  multiplication: 'Multiplications',
  fixed: 'Fixed',
};

export const PART_COLOURS: Record<Part, string> = {
  relu: 'var(--latency-relu)',
  linear: 'var(--latency-linear)',
  multiplication: 'var(--latency-multiplication)',
  fixed: 'var(--latency-fixed)',
};

/** Short name of a layer in the chart of layers: "2.0 conv1", "2.0 gate 1", "stem conv". */
export function layerTitle(name: string): string {
  const parts = /^layer(\d+)\.(\d+)\.(.+)$/.exec(name);
  if (!parts) return name === 'conv1' ? 'stem conv' : name;
  const what = parts[3].startsWith('downsample') ? 'shortcut' : parts[3].replace('gate', 'gate ');
  return `${parts[1]}.${parts[2]} ${what}`;
}
