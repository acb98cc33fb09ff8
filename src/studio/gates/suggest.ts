/** Prototype counts from effective dimensions, applied to the experiment. */
import { suggestPrototypes } from '../../domain/effectiveDimension.ts';
import type { PrototypeSuggestion } from '../../domain/effectiveDimension.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { methodNamed } from '../../domain/methods/registry.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { switchOn } from '../switchMethod.ts';
import type { GateAnalysis } from '../../worker/protocol.ts';

/** Effective dimension of each ReLU layer over all images, 0 to 1. */
export const dimensionsOf = ({ sites }: GateAnalysis): Record<string, number> =>
  Object.fromEntries(sites.map(({ id, pooled }) => [id, pooled.matching]));

/** @param budget DReLUs at most; null: each site as many prototypes as its effective dimension says. */
export const suggestionOf = (analysis: GateAnalysis, budget: number | null): PrototypeSuggestion =>
  suggestPrototypes(analysis.network, dimensionsOf(analysis), budget);

export const sameNetwork = (a: NetworkSpec, b: NetworkSpec): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Adds DeepShare where the experiment lacks it, and sets the counts as overrides and their means as ratios of the stages. */
export function applySuggestion(draft: Experiment, { counts, ratios }: PrototypeSuggestion): void {
  if (!methodNamed(draft, 'deepshare')) switchOn(draft, 'deepshare');
  const method = methodNamed(draft, 'deepshare')!;
  method.overrides = { ...counts };
  method.ratios = ratios.map((ratio) => Math.min(1, Math.max(ratio, 1e-6)));
}
