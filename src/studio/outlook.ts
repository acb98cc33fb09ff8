/**
 * What an experiment will come to before it is run: DReLUs and multiplications at the end, MACs, parameters, beside the same
 * network with plain ReLUs. Exact for every method but SNL, whose count is its budget and whose multiplications over shared
 * gates depend on which masks fall (then scaled with the DReLUs, and said to be so).
 */
import { useMemo } from 'react';
import { gateMapOf, gateStagesOf } from '../domain/composition.ts';
import { countsOf } from '../domain/counting.ts';
import type { Counts } from '../domain/counting.ts';
import type { Budget, Experiment, Method } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import { messageOf } from './notify.ts';
import { methodOf, useExperiment } from './stores/experiment.ts';

type Designed = Pick<Experiment, 'network' | 'methods'>;

export interface Outlook {
  /** Plain ReLUs everywhere. */
  dense: Counts;
  /** With the methods' gates, masks all kept. */
  gated: Counts;
  gates: GateMap;
  /** At the end of the run. */
  drelus: number;
  multiplications: number;
  /** True where multiplications are scaled rather than counted. */
  estimated: boolean;
}

export const budgetCount = (budget: Budget, before: number): number =>
  budget.kind === 'count' ? budget.drelus : Math.floor(budget.share * before);

/** DReLUs that the gates have before SNL's masks. @returns 0 where the gates cannot be built. */
export function drelusBeforeMasks(experiment: Designed): number {
  try {
    const stages = gateStagesOf(experiment);
    const before = stages.findLast(({ method }) => method !== 'snl');
    return countsOf(experiment.network, before?.gates ?? {}).total.drelus;
  } catch {
    return 0;
  }
}

/** @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network. */
export function outlookOf(experiment: Designed): Outlook {
  const { network } = experiment;
  const dense = countsOf(network);
  const gates = gateMapOf(experiment);
  const gated = countsOf(network, gates);
  const snl = methodOf(experiment, 'snl');
  const { drelus, multiplications } = gated.total;
  if (!snl) return { dense, gated, gates, drelus, multiplications, estimated: false };
  const kept = Math.min(drelus, budgetCount(snl.budget, drelus));
  const shared = Object.values(gates).some((gate) => gate.kind === 'share');
  return {
    dense,
    gated,
    gates,
    drelus: kept,
    multiplications: shared ? Math.round((multiplications * kept) / Math.max(1, drelus)) : kept,
    estimated: shared,
  };
}

/** drelusBeforeMasks of the experiment on the page. */
export function useDrelusBeforeMasks(): number {
  const network = useExperiment((s) => s.experiment.network);
  const methods = useExperiment((s) => s.experiment.methods);
  return useMemo(() => drelusBeforeMasks({ network, methods }), [network, methods]);
}

let last: { network: Experiment['network']; methods: Method[]; outlook: Outlook | { problem: string } } | null = null;

/** Several panels ask at every redraw: the last answer is kept. */
export function outlookOrProblem({ network, methods }: Designed): Outlook | { problem: string } {
  if (last && last.network === network && last.methods === methods) return last.outlook;
  let outlook: Outlook | { problem: string };
  try {
    outlook = outlookOf({ network, methods });
  } catch (error) {
    outlook = { problem: messageOf(error) };
  }
  last = { network, methods, outlook };
  return outlook;
}

/** Counts of the plain network of an experiment; those of the outlook where it has any. @throws RangeError where it is no network. */
export function denseCounts(experiment: Designed): Counts {
  const outlook = outlookOrProblem(experiment);
  return 'problem' in outlook ? countsOf(experiment.network) : outlook.dense;
}

/** The outlook of the experiment on the page, or the sentence that says why there is none. */
export const useOutlook = (): Outlook | { problem: string } => useExperiment((s) => outlookOrProblem(s.experiment));
