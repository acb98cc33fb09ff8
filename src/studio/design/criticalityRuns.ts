/**
 * The experiments that measure criticality: the network with ReLUs in one stage only, once per stage, otherwise equal (DeepReDuce,
 * Jha et al. 2021). Each is an ordinary experiment with the method `deepreduce`, which culls all other stages. There is no dense
 * training and therefore no teacher.
 */
import type { Experiment, Phase } from '../../domain/experiment.ts';

export interface CriticalitySettings {
  epochs: number;
  batch: number;
  learningRate: number;
  /** Number of training images; null: all. */
  trainImages: number | null;
  seed: number;
}

export const startingSettings = (experiment: Experiment): CriticalitySettings => ({
  epochs: 4,
  batch: Math.min(experiment.dense.batch, 128),
  learningRate: experiment.dense.optimizer.learningRate,
  trainImages: experiment.dataset.trainImages,
  seed: experiment.seed,
});

/** The dense phase of the experiment with the queue's epochs, batch and learning rate, on a cosine schedule. */
function phaseOf(experiment: Experiment, settings: CriticalitySettings): Phase {
  return {
    epochs: settings.epochs,
    batch: settings.batch,
    optimizer: { ...experiment.dense.optimizer, learningRate: settings.learningRate },
    schedule: { kind: 'cosine', floor: 0.02 },
  };
}

/** One experiment per stage, from stage 1. */
export function criticalityExperiments(
  experiment: Experiment,
  settings: CriticalitySettings,
): { stage: number; experiment: Experiment }[] {
  const stages = experiment.network.blocks.map((_, s) => s + 1);
  const train = phaseOf(experiment, settings);
  return stages.map((stage) => ({
    stage,
    experiment: {
      ...experiment,
      name: `Criticality of stage ${stage}: ReLUs there only`,
      seed: settings.seed,
      dataset: { ...experiment.dataset, trainImages: settings.trainImages },
      dense: { ...train, epochs: 0 },
      methods: [
        {
          name: 'deepreduce',
          cull: [0, ...stages].filter((other) => other !== stage),
          thin: [],
          thinKeeps: 'first',
          train,
          distillation: null,
        },
      ],
    },
  }));
}
