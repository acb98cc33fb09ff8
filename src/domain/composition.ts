/**
 * From an experiment to its gate maps: methods apply in the order deepreduce → reuse or deepshare → snl, whatever order the file
 * has, each on top of what the one before left.
 *
 *   deepreduce   relu → identity
 *   reuse        relu → share, fixed affine
 *   deepshare    relu → share, trained or fixed affine, borrowing
 *   snl          relu → mask; share with own prototypes → masked share; a borrower sees its owner's masks
 *
 * Public: gateMapOf(experiment, chosen?) → the last gate map; gateStagesOf(experiment, chosen?) → one a method, in order;
 * methodsInOrder(experiment); withMasks(gates, spec, granularity).
 */
import { coarseGates } from './coarse.ts';
import type { Experiment, Method } from './experiment.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap, Granularity, SiteIdMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';
import { reuseGates } from './reuse.ts';
import { sharingGates } from './sharing.ts';
import type { Assignment } from './sharing.ts';

export type MethodName = Method['name'];

/** The order in which methods apply. */
export const METHOD_ORDER: readonly MethodName[] = ['deepreduce', 'reuse', 'deepshare', 'snl'];

type Designed = Pick<Experiment, 'network' | 'methods'>;

/** The experiment's methods in the order in which they apply. */
export const methodsInOrder = (experiment: Pick<Experiment, 'methods'>): Method[] =>
  [...experiment.methods].sort((a, b) => METHOD_ORDER.indexOf(a.name) - METHOD_ORDER.indexOf(b.name));

/** SNL's masks over what there is: plain ReLUs get an α a neuron (or channel), own prototypes an α a neuron. */
export function withMasks(gates: GateMap, spec: NetworkSpec, granularity: Granularity): GateMap {
  const masked: GateMap = { ...gates };
  for (const { id } of sitesOf(spec)) {
    const gate = gateOf(gates, id);
    if (gate.kind === 'relu') masked[id] = { kind: 'mask', granularity };
    if (gate.kind === 'share' && gate.prototypes.length > 0) masked[id] = { ...gate, masked: true };
  }
  return masked;
}

/** The gate map once one more method has been applied; `chosen` as in sharingGates. */
export function applyMethod(
  spec: NetworkSpec,
  gates: GateMap,
  method: Method,
  chosen: SiteIdMap<Assignment> = {},
): GateMap {
  if (method.name === 'deepreduce') return coarseGates(spec, method, gates);
  if (method.name === 'reuse') return reuseGates(spec, method.groups, gates);
  if (method.name === 'deepshare') return sharingGates(spec, method, gates, chosen);
  return withMasks(gates, spec, method.granularity);
}

export interface GateStage {
  /** null: before any method, plain ReLUs everywhere. */
  method: MethodName | null;
  gates: GateMap;
}

/** The gate map before any method and after each, in order. */
export function gateStagesOf(experiment: Designed, chosen: SiteIdMap<Assignment> = {}): GateStage[] {
  const stages: GateStage[] = [{ method: null, gates: {} }];
  for (const method of methodsInOrder(experiment))
    stages.push({ method: method.name, gates: applyMethod(experiment.network, stages.at(-1)!.gates, method, chosen) });
  return stages;
}

/**
 * The gate map that the experiment ends with.
 * @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network.
 */
export const gateMapOf = (experiment: Designed, chosen: SiteIdMap<Assignment> = {}): GateMap =>
  gateStagesOf(experiment, chosen).at(-1)!.gates;
