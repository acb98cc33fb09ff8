/** Phases of methods whose gates are fixed at once: apply the gate map, then train with it. */
import { applyMethod } from '../../domain/composition.ts';
import type { Distillation, Method, Phase } from '../../domain/experiment.ts';
import { PLAIN_NUMBERS, type PlannedPhase } from './rule.ts';

type GatedMethod = Method & { train: Phase; distillation: Distillation | null };

export const gatedTraining = (method: GatedMethod, title: string): PlannedPhase[] => [
  {
    info: { id: method.name, method: method.name, kind: 'train', title, epochs: method.train.epochs },
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
