/** DeepReDuce (Jha et al., ICML 2021): stages culled, ReLU layers thinned, then trained on with distillation. */
import { applyMethod } from '../../domain/composition.ts';
import type { DeepReduceMethod } from '../../domain/experiment.ts';
import { PLAIN_NUMBERS, type PlannedPhase } from './rule.ts';

export function deepreducePhases(method: DeepReduceMethod): PlannedPhase[] {
  return [
    {
      info: {
        id: 'deepreduce',
        method: 'deepreduce',
        kind: 'train',
        title: 'DeepReDuce training',
        epochs: method.train.epochs,
      },
      phase: method.train,
      distillation: method.distillation,
      rule: {
        begin: ({ experiment, gates, weights }) => ({
          gates: applyMethod(experiment.network, gates, method),
          weights,
          memory: {},
        }),
        numbers: () => PLAIN_NUMBERS,
        selects: true,
      },
    },
  ];
}
