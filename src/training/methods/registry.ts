/** Every method's phases, by its name in domain/methods/registry.ts. A new method adds a line. */
import type { Method, MethodName, MethodNamed } from '../../domain/methods/registry.ts';
import { deepsharePhases } from './deepshare.ts';
import { gatedTraining } from './gated.ts';
import { randomPhases } from './random.ts';
import type { PlannedPhase } from './rule.ts';
import { snlPhases } from './snl.ts';

const PHASES: { [N in MethodName]: (method: MethodNamed<N>) => PlannedPhase[] } = {
  deepreduce: (method) => gatedTraining(method, 'DeepReDuce training'),
  reuse: (method) => gatedTraining(method, `ReLU-reuse training, ${method.groups} groups`),
  deepshare: deepsharePhases,
  snl: snlPhases,
  random: randomPhases,
};

const phasesNamed = <N extends MethodName>(name: N, method: MethodNamed<N>): PlannedPhase[] => PHASES[name](method);

/** The phases that a method asks for, in order. */
export const phasesOf = (method: Method): PlannedPhase[] => phasesNamed(method.name, method);
