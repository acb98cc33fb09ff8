/**
 * The cost of an experiment before it is run: DReLUs and multiplications at the end, MACs, parameters, beside the same
 * network with plain ReLUs. Exact where the gate map alone decides; where a method has a budget the count is that budget, and
 * multiplications over shared gates depend on which masks fall (then scaled with the DReLUs, and said to be so).
 */
import { useMemo } from 'react';
import { budgetOf, drelusBeforeMasks, gateMapOf, type Designed } from '../domain/composition.ts';
import { countsOf } from '../domain/counting.ts';
import type { Counts } from '../domain/counting.ts';
import type { Experiment, Method } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import { messageOf } from './notify.ts';
import { useExperiment } from './stores/experiment.ts';

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

/** @throws GateMapError or RangeError with one sentence where a method's settings do not fit the network. */
export function outlookOf(experiment: Designed): Outlook {
  const { network } = experiment;
  const dense = countsOf(network);
  const gates = gateMapOf(experiment);
  const gated = countsOf(network, gates);
  const budget = budgetOf(experiment);
  const { drelus, multiplications } = gated.total;
  if (!budget) return { dense, gated, gates, drelus, multiplications, estimated: false };
  const kept = Math.min(drelus, budget.drelus);
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

/** DReLUs of the experiment on the page before masks; 0 where its gates cannot be built. */
export function useDrelusBeforeMasks(): number {
  const network = useExperiment((s) => s.experiment.network);
  const methods = useExperiment((s) => s.experiment.methods);
  return useMemo(() => {
    try {
      return drelusBeforeMasks({ network, methods });
    } catch {
      return 0;
    }
  }, [network, methods]);
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
