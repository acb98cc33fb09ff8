/**
 * The effect of one method on the counts: DReLUs and multiplications per stage before and after it, the
 * methods that come earlier already applied.
 */
import { gateStagesOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import type { Counts } from '../../domain/counting.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { METHOD_ORDER, type MethodName } from '../../domain/methods/registry.ts';

export interface MethodCounts {
  before: Counts;
  after: Counts;
}

/** `counts` is null where the settings do not fit the network; `problem` then says why. */
export function methodCounts(
  { network, methods }: Pick<Experiment, 'network' | 'methods'>,
  name: MethodName,
): { counts: MethodCounts; problem: null } | { counts: null; problem: string } {
  try {
    // Later methods are left out: the form shows the effect of this one.
    const upTo = methods.filter((method) => METHOD_ORDER.indexOf(method.name) <= METHOD_ORDER.indexOf(name));
    const stages = gateStagesOf({ network, methods: upTo });
    const at = stages.findIndex((stage) => stage.method === name);
    if (at < 1) return { counts: null, problem: 'The experiment does not use this method.' };
    return {
      counts: { before: countsOf(network, stages[at - 1].gates), after: countsOf(network, stages[at].gates) },
      problem: null,
    };
  } catch (error) {
    return { counts: null, problem: (error as Error).message };
  }
}
