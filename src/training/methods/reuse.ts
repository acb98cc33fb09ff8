/** ReLU-reuse (Jha & Reagen, TMLR 2024; our reconstruction): one group of channels keeps its ReLUs and gates the others. */
import { applyMethod } from '../../domain/composition.ts';
import type { ReuseMethod } from '../../domain/experiment.ts';
import { PLAIN_NUMBERS, type PlannedPhase } from './rule.ts';

export function reusePhases(method: ReuseMethod): PlannedPhase[] {
  return [
    {
      info: {
        id: 'reuse',
        method: 'reuse',
        kind: 'train',
        title: `ReLU-reuse training, ${method.groups} groups`,
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
