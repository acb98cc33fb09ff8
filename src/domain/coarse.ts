/**
 * DeepReDuce's coarse-grained pruning (Jha et al. 2021): culling takes all ReLUs of a stage, thinning every other ReLU layer of a
 * stage that is kept. Both make gate sites linear.
 *
 * A thinned stage alternates over its sites in forward order: keeping the first leaves gate 1 of each block (and a final gate),
 * keeping the second leaves gate 2.
 *
 * Public: coarseGates(spec, settings, base?) → GateMap; onlyStageGates(spec, stage) → GateMap (for criticality).
 */
import type { DeepReduceMethod } from './experiment.ts';
import type { GateMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';

export type CoarseSettings = Pick<DeepReduceMethod, 'cull' | 'thin' | 'thinKeeps'>;

/**
 * The gate map after culling and thinning.
 * @throws RangeError where a stage does not exist or is both culled and thinned.
 */
export function coarseGates(spec: NetworkSpec, settings: CoarseSettings, base: GateMap = {}): GateMap {
  const stages = spec.blocks.length;
  const named = (stage: number) => (stage === 0 ? 'the stem' : `stage ${stage}`);
  for (const stage of [...settings.cull, ...settings.thin])
    if (!Number.isInteger(stage) || stage < 0 || stage > stages)
      throw new RangeError(`There is no stage ${stage}: this network has stages 1 to ${stages}, and 0 is the stem.`);
  const both = settings.thin.find((stage) => settings.cull.includes(stage));
  if (both !== undefined) throw new RangeError(`${named(both)} is culled and thinned: choose one.`);

  const gates: GateMap = { ...base };
  const position = new Map<number, number>();
  for (const site of sitesOf(spec)) {
    const at = position.get(site.stage) ?? 0;
    position.set(site.stage, at + 1);
    const thinned = settings.thin.includes(site.stage) && (at % 2 === 0) !== (settings.thinKeeps === 'first');
    if (settings.cull.includes(site.stage) || thinned) gates[site.id] = { kind: 'identity' };
  }
  return gates;
}

/** ReLUs in one stage only (0: the stem), every other site linear: the network by which a stage's criticality is measured. */
export function onlyStageGates(spec: NetworkSpec, stage: number): GateMap {
  const others = [0, ...spec.blocks].map((_, s) => s).filter((s) => s !== stage);
  return coarseGates(spec, { cull: others, thin: [], thinKeeps: 'first' });
}
