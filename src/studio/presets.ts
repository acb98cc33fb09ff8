/**
 * Experiments to begin with. `paper` settings are SNL's released code (design: algorithms §2); `quick` settings are fitted to the
 * built-in data and a narrow network, so that a first result stands after minutes.
 */
import { experimentSchema } from '../domain/experiment.ts';
import type { DeepReduceMethod, DeepShareMethod, Experiment, Phase, ReuseMethod, SnlMethod } from '../domain/experiment.ts';

/** SNL's dense recipe: SGD 0.1, momentum 0.9, weight decay 5e-4, batch 256, 160 epochs, ×0.1 at 80 and 120. */
export const paperDense: Phase = {
  epochs: 160,
  batch: 256,
  optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'step', milestones: [80, 120], factor: 0.1 },
};

export const quickDense: Phase = {
  epochs: 5,
  batch: 64,
  optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'cosine', floor: 0.02 },
};

const DISTILLATION = { temperature: 4, weight: 1 };

export const paperSnl: SnlMethod = {
  name: 'snl',
  budget: { kind: 'count', drelus: 50_000 },
  granularity: 'pixel',
  lambda: 1e-5,
  kappa: 1.1,
  epsilon: 1e-2,
  lambdaHold: 5,
  learningRate: 1e-3,
  maskLearningRate: 1e-3,
  batch: 128,
  maxEpochs: 2000,
  checkEverySteps: null,
  binarise: 'threshold',
  distillation: DISTILLATION,
  finetune: {
    epochs: 100,
    batch: 128,
    optimizer: { kind: 'sgd', learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: 'cosine', floor: 0 },
  },
};

export const quickSnl: SnlMethod = {
  ...paperSnl,
  budget: { kind: 'share', share: 0.25 },
  lambda: 3e-4,
  lambdaHold: 0,
  maskLearningRate: 2e-2,
  batch: 64,
  maxEpochs: 12,
  checkEverySteps: 10,
  binarise: 'exact',
  finetune: {
    epochs: 3,
    batch: 64,
    optimizer: { kind: 'sgd', learningRate: 1e-2, momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: 'cosine', floor: 0 },
  },
};

export const quickDeepShare: DeepShareMethod = {
  name: 'deepshare',
  ratios: [0.25, 0.25, 0.25, 0.25, 0.25],
  overrides: {},
  crossLayer: 'off',
  borrow: {},
  affine: true,
  choice: 'first',
  transition: { kind: 'gelu', from: 1, to: 20 },
  soft: { ...quickDense, epochs: 3 },
  hard: { ...quickDense, epochs: 3, optimizer: { kind: 'sgd', learningRate: 2e-2, momentum: 0.9, weightDecay: 5e-4 } },
  distillation: DISTILLATION,
};

export const quickDeepReduce: DeepReduceMethod = {
  name: 'deepreduce',
  cull: [1],
  thin: [2],
  thinKeeps: 'second',
  train: quickDense,
  distillation: DISTILLATION,
};

export const quickReuse: ReuseMethod = { name: 'reuse', groups: 4, train: quickDense, distillation: DISTILLATION };

/** Built-in data, base width 8, SNL to a quarter of the DReLUs: minutes on any GPU. */
export const quickExperiment: Experiment = experimentSchema.parse({
  format: 'relu-studio/experiment',
  version: 1,
  name: 'Quick SNL on built-in data',
  seed: 1,
  dataset: { name: 'synthetic', trainImages: 4000, testImages: 1000, validationShare: 0.1, syntheticSeed: 1 },
  augment: { cropPadding: 4, flip: true },
  network: {
    family: 'cifar-resnet',
    blocks: [2, 2, 2, 2],
    widths: [8, 16, 32, 64],
    stemGate: false,
    inputShape: [3, 32, 32],
    classes: 10,
  },
  dense: quickDense,
  methods: [quickSnl],
  selection: 'validation',
});

/** SNL as published: ResNet-18 of base width 64 on CIFAR-100, 50,000 DReLUs. */
export const paperExperiment: Experiment = experimentSchema.parse({
  ...quickExperiment,
  name: 'SNL paper, CIFAR-100, 50K DReLUs',
  dataset: { name: 'cifar-100', validationShare: 0.1 },
  network: { ...quickExperiment.network, widths: [64, 128, 256, 512], classes: 100 },
  dense: paperDense,
  methods: [paperSnl],
});

export const PRESETS = [
  { id: 'quick', title: 'Quick, built-in data', hint: 'Base width 8, a quarter of the DReLUs; minutes', experiment: quickExperiment },
  { id: 'paper', title: 'SNL paper, CIFAR-100', hint: 'Base width 64, 50K DReLUs; days on one GPU', experiment: paperExperiment },
] as const;

/** What the page opens on. */
export const firstExperiment: Experiment = quickExperiment;
