/** Small experiments, data and a clock for tests of training. */
import { experimentSchema, type Experiment, type Method, type Phase } from '../domain/experiment.ts';
import { SNL_QUICK } from '../domain/methods/snl.ts';
import { deepshareMethod } from '../domain/methods/deepshare.ts';
import type { Engine, EngineSettings } from '../engine/api.ts';
import type { RunEvent } from './events.ts';
import { FakeEngine, type FakeFaults } from './fakeEngine.ts';
import type { Checkpoint } from './state.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import { Trainer, type RunOutcome, type TrainerOptions } from './trainer.ts';
import type { TrainingData } from './trainingData.ts';

export const tinyPhase = (epochs: number, learningRate = 0.1): Phase => ({
  epochs,
  batch: 4,
  optimizer: { kind: 'sgd', learningRate, momentum: 0.9, weightDecay: 0 },
  schedule: { kind: 'cosine', floor: 0 },
});

/** Two stages of one block each, three channels wide, 4×4 images: 3·16·2 + 3·4·2 = 120 DReLUs. */
export function tinyExperiment(methods: Method[], dense = tinyPhase(2), more: Partial<Experiment> = {}): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name: 'tiny',
    seed: 7,
    dataset: { name: 'synthetic', trainImages: 50, testImages: 20, validationShare: 0.2, syntheticSeed: 1 },
    augment: { cropPadding: 1, flip: true },
    network: {
      family: 'cifar-resnet',
      blocks: [1, 1],
      widths: [3, 3],
      stemGate: false,
      inputShape: [3, 4, 4],
      classes: 10,
    },
    dense,
    methods,
    selection: 'validation',
    ...more,
  });
}

export const tinySnl: Extract<Method, { name: 'snl' }> = {
  ...SNL_QUICK,
  lambda: 1e-3,
  lambdaHold: 0,
  batch: 4,
  maxEpochs: 12,
  maskLearningRate: 0.05,
  checkEverySteps: 3,
  finetune: tinyPhase(2),
};
export const tinyShare: Extract<Method, { name: 'deepshare' }> = {
  ...deepshareMethod(0.4, 2, tinyPhase(2), tinyPhase(2)),
  distillation: null,
};

const indices = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

/** 40 images to train on (10 batches of 4), 10 to validate, 20 to test. */
export const tinyData: TrainingData = {
  images: {
    images: new Uint8Array(70 * 48),
    labels: new Uint8Array(70),
    count: 70,
    shape: [3, 4, 4],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  },
  train: indices(0, 40),
  validation: indices(40, 50),
  test: indices(50, 70),
};

export interface Rehearsal {
  trainer: Trainer;
  events: RunEvent[];
  /** The last checkpoint written. */
  saved: () => Checkpoint;
  outcome: Promise<RunOutcome>;
}

export interface RehearsalOptions extends Partial<TrainerOptions> {
  faults?: FakeFaults;
  /** Called with each event. */
  onEvent?: (event: RunEvent, trainer: Trainer) => void;
}

/** Runs an experiment on the fake engine; each reading of the clock advances it by 10 ms. */
export function rehearse(experiment: Experiment, options: RehearsalOptions = {}): Rehearsal {
  const events: RunEvent[] = [];
  let bytes: Uint8Array | null = null;
  let clock = 0;
  const { faults, onEvent, ...rest } = options;
  const trainer: Trainer = new Trainer({
    experiment,
    data: tinyData,
    createEngine: (settings: EngineSettings): Engine => new FakeEngine(settings, faults),
    emit: (event) => {
      events.push(event);
      onEvent?.(event, trainer);
    },
    storage: {
      write: (written) => {
        bytes = written;
        return Promise.resolve();
      },
    },
    now: () => (clock += 10),
    ...rest,
  });
  return {
    trainer,
    events,
    saved: () => {
      if (!bytes) throw new Error('No checkpoint was written.');
      return decodeCheckpoint(bytes);
    },
    outcome: trainer.run(),
  };
}
