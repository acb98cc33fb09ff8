/**
 * The experiments by which criticality is measured: the network with ReLUs in one stage only, once for each stage, everything
 * else alike (DeepReDuce, Jha et al. 2021). Each is an ordinary experiment with the method `deepreduce` culling all other
 * stages; nothing is trained before, so there is no teacher.
 */
import type { Experiment, Phase } from '../../domain/experiment.ts';

export interface CriticalitySettings {
  epochs: number;
  batch: number;
  learningRate: number;
  /** Training images used; null: all there are. */
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

/** The dense recipe of the experiment with the queue's own length, batch and rate; half a cosine suits any length. */
function phaseOf(experiment: Experiment, settings: CriticalitySettings): Phase {
  return {
    epochs: settings.epochs,
    batch: settings.batch,
    optimizer: { ...experiment.dense.optimizer, learningRate: settings.learningRate },
    schedule: { kind: 'cosine', floor: 0.02 },
  };
}

/** One experiment a stage, stage 1 first. */
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
