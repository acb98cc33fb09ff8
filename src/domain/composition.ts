/**
 * From an experiment to its gate maps: methods apply in the order of their roles (prune → share → mask), whatever order the file
 * has, each on top of what the one before left.
 */
import { countsOf } from './counting.ts';
import type { GateMap, SiteIdMap } from './gateMap.ts';
import { descriptorOf, inOrder, type Method, type MethodName } from './methods/registry.ts';
import type { NetworkSpec } from './network.ts';
import type { Assignment } from './sharing.ts';

/** The part of an experiment that decides its gates. */
export interface Designed {
  network: NetworkSpec;
  methods: Method[];
}

export interface GateStage {
  /** null: before any method, plain ReLUs everywhere. */
  method: MethodName | null;
  gates: GateMap;
}

/** The gate map once one more method has been applied; `chosen` as in sharingGates. */
export const applyMethod = (
  network: NetworkSpec,
  gates: GateMap,
  method: Method,
  chosen: SiteIdMap<Assignment> = {},
): GateMap => descriptorOf(method.name).gates(network, gates, method, chosen);

/** The gate map before any method and after each, in the order in which they apply. */
export function gateStagesOf({ network, methods }: Designed, chosen: SiteIdMap<Assignment> = {}): GateStage[] {
  const stages: GateStage[] = [{ method: null, gates: {} }];
  for (const method of inOrder(methods))
    stages.push({ method: method.name, gates: applyMethod(network, stages.at(-1)!.gates, method, chosen) });
  return stages;
}

/**
 * The gate map that the experiment ends with.
 * @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network.
 */
export const gateMapOf = (experiment: Designed, chosen: SiteIdMap<Assignment> = {}): GateMap =>
  gateStagesOf(experiment, chosen).at(-1)!.gates;

export interface ExperimentBudget {
  /** The method that keeps so many. */
  method: MethodName;
  /** DReLUs of the gates that it begins with. */
  before: number;
  /** DReLUs that it keeps at most. */
  drelus: number;
}

/** The budget of the experiment's method that has one; null where the gate map alone decides the count. */
export function budgetOf(experiment: Designed): ExperimentBudget | null {
  const stages = gateStagesOf(experiment);
  for (const [i, method] of inOrder(experiment.methods).entries()) {
    const { budget } = descriptorOf(method.name);
    if (!budget) continue;
    const before = countsOf(experiment.network, stages[i].gates).total.drelus;
    return { method: method.name, before, drelus: budget(method, before) };
  }
  return null;
}

/**
 * DReLUs before a method of the role `mask` is applied: what its budget is a share of.
 * @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network.
 */
export function drelusBeforeMasks({ network, methods }: Designed): number {
  const others = methods.filter(({ name }) => descriptorOf(name).role !== 'mask');
  return countsOf(network, gateMapOf({ network, methods: others })).total.drelus;
}
