/**
 * The tiny runs that are replayed in PyTorch: every method, each way to count and to make masks binary, each selection.
 *
 * 8 × 8 images of the built-in data set, a network of a few channels, 80 training images in batches of 8: seconds each.
 */
import { experimentSchema, type Experiment, type Phase } from '../../src/domain/experiment.ts';
import type { Method, MethodNamed } from '../../src/domain/methods/registry.ts';
import type { NetworkSpec } from '../../src/domain/network.ts';

export interface TracedRun {
  experiment: Experiment;
  /** Name of the run that this one starts from. */
  from?: string;
  /**
   * Phases that repeat on any device as far as float32 allows; default: all. A DReLU that others consult and that rounding errors
   * of the phases before tip over changes what follows, so that without PyTorch only the phases before are compared. The replay,
   * which starts every phase from the traced weights, compares all.
   */
  repeatable?: number;
}

const NETWORK: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1, 1],
  widths: [3, 4],
  stemGate: true,
  inputShape: [3, 8, 8],
  classes: 10,
};

const sgd = (learningRate: number): Phase['optimizer'] => ({
  kind: 'sgd',
  learningRate,
  momentum: 0.9,
  weightDecay: 5e-3,
});
const phase = (epochs: number, more: Partial<Phase> = {}): Phase => ({
  epochs,
  batch: 8,
  optimizer: sgd(0.005),
  schedule: { kind: 'cosine', floor: 0.1 },
  ...more,
});
/** Milestones so close together that one epoch more or less shows. */
const STEPS: Phase['schedule'] = { kind: 'step', milestones: [1, 2], factor: 0.4 };
const DENSE = phase(3, { schedule: STEPS, optimizer: sgd(0.01) });
const DISTILLATION = { temperature: 3, weight: 0.7 };

const snl = (more: Partial<MethodNamed<'snl'>>): Method => ({
  name: 'snl',
  budget: { kind: 'share', share: 0.4 },
  granularity: 'pixel',
  lambda: 2e-3,
  kappa: 1.5,
  epsilon: 0.01,
  lambdaHold: 1,
  learningRate: 2e-3,
  maskLearningRate: 0.03,
  batch: 8,
  maxEpochs: 8,
  checkEverySteps: null,
  binarise: 'threshold',
  distillation: null,
  finetune: phase(3),
  ...more,
});

const share = (more: Partial<MethodNamed<'deepshare'>>): Method => ({
  name: 'deepshare',
  ratios: [0.34, 0.34, 0.5],
  overrides: {},
  crossLayer: 'off',
  borrow: {},
  affine: true,
  choice: 'first',
  transition: { kind: 'gelu', from: 1, to: 8 },
  soft: phase(2),
  hard: phase(2),
  distillation: null,
  ...more,
});

const random = (more: Partial<MethodNamed<'random'>>): Method => ({
  name: 'random',
  budget: { kind: 'share', share: 0.3 },
  granularity: 'pixel',
  proportions: null,
  distillation: null,
  finetune: phase(3),
  ...more,
});

type More = Partial<Omit<Experiment, 'network'>> & { network?: Partial<NetworkSpec> };

function experiment(name: string, seed: number, methods: Method[], more: More = {}): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name,
    seed,
    dataset: { name: 'synthetic', trainImages: 100, testImages: 40, validationShare: 0.2, syntheticSeed: 5 },
    augment: { cropPadding: 0, flip: false },
    dense: DENSE,
    selection: 'validation',
    ...more,
    methods,
    network: { ...NETWORK, ...more.network },
  } satisfies Record<keyof Experiment, unknown> | Omit<Experiment, 'engine'>);
}

const LINEAR: MethodNamed<'deepreduce'> = {
  name: 'deepreduce',
  cull: [1],
  thin: [2],
  thinKeeps: 'second',
  train: phase(3),
  distillation: DISTILLATION,
};

/** By name; a run that another starts from comes before it. */
export const TRACED_RUNS: Record<string, TracedRun> = {
  dense: { experiment: experiment('dense', 22, [], { dense: { ...DENSE, epochs: 6 } }) },
  'dense, last epoch': { experiment: experiment('dense, last epoch', 2, [], { selection: 'last' }) },
  'dense, paper protocol, augmented, in micro-batches': {
    experiment: experiment('paper', 25, [], {
      selection: 'paper',
      augment: { cropPadding: 2, flip: true },
      engine: { f16: false, microBatch: 4 },
      dense: phase(4, { optimizer: { kind: 'adam', learningRate: 3e-3, weightDecay: 1e-2 } }),
    }),
  },
  'SNL, threshold, counted per epoch': {
    experiment: experiment('snl', 22, [snl({ distillation: DISTILLATION })]),
  },
  'SNL, exact, counted every 4 steps, paper protocol': {
    experiment: experiment('snl exact', 5, [snl({ binarise: 'exact', checkEverySteps: 4, lambdaHold: 0 })], {
      selection: 'paper',
    }),
  },
  'SNL per channel, threshold, counted every 7 steps, last epoch': {
    experiment: experiment('snl channels', 27, [snl({ granularity: 'channel', checkEverySteps: 7, lambda: 0.02 })], {
      selection: 'last',
    }),
  },
  'SNL per channel, exact, counted per epoch, with teacher': {
    experiment: experiment('snl channels exact', 7, [
      snl({ granularity: 'channel', binarise: 'exact', lambda: 0.02, distillation: DISTILLATION }),
    ]),
  },
  'SNL that slows down near the budget, with teacher': {
    experiment: experiment('snl slow', 12, [
      snl({ binarise: 'exact', checkEverySteps: 5, slowNearBudget: true, lambdaHold: 0, distillation: DISTILLATION }),
    ]),
  },
  'SNL over sharing, binarized over epochs': {
    repeatable: 1,
    experiment: experiment('snl gradual', 31, [
      share({}),
      snl({ binarise: 'exact', checkEverySteps: 4, binariseEpochs: 2, lambdaHold: 0 }),
    ]),
  },
  'random masks per layer, over sharing, with teacher': {
    experiment: experiment('random per layer', 15, [
      share({}),
      random({ proportions: { stem: 1, 'layer1.0.gate2': 2, 'layer2.0.gate1': 1 }, distillation: DISTILLATION }),
    ]),
  },
  'SNL that runs out of epochs, in micro-batches': {
    experiment: experiment('snl short', 22, [snl({ maxEpochs: 2, lambdaHold: 0, distillation: DISTILLATION })], {
      engine: { f16: false, microBatch: 2 },
    }),
  },
  'sharing, GELU to ReLU': { repeatable: 1, experiment: experiment('gelu', 9, [share({})], { dense: phase(0) }) },
  'sharing across a block, mixed, with teacher': {
    experiment: experiment('mix', 10, [
      share({ crossLayer: 'block', transition: { kind: 'mix' }, distillation: DISTILLATION }),
    ]),
  },
  'sharing across a stage, abrupt, with teacher': {
    experiment: experiment(
      'abrupt',
      11,
      [share({ crossLayer: 'stage', transition: { kind: 'abrupt' }, distillation: DISTILLATION })],
      { network: { blocks: [2, 1], widths: [2, 4] } },
    ),
  },
  'sharing chosen on gate patterns, borrowing by hand, hard at once': {
    experiment: experiment('farthest', 12, [
      share({
        choice: 'farthest',
        crossLayer: 'custom',
        borrow: { 'layer1.0.gate2': 'stem' },
        overrides: { 'layer2.0.gate1': 3 },
        soft: phase(0),
      }),
    ]),
  },
  'SNL over sharing across blocks, with teacher': {
    repeatable: 1,
    experiment: experiment('snl over sharing', 13, [
      share({ crossLayer: 'block', distillation: DISTILLATION, hard: phase(1) }),
      snl({ binarise: 'exact', checkEverySteps: 5, distillation: DISTILLATION, lambda: 0.01 }),
    ]),
  },
  'culled and thinned': { experiment: experiment('deepreduce', 23, [LINEAR]) },
  'thinned, then SNL': {
    experiment: experiment('thinned', 15, [
      { ...LINEAR, cull: [], thin: [1], thinKeeps: 'first', distillation: null, train: phase(1) },
      snl({ distillation: DISTILLATION }),
    ]),
  },
  'ReLU-reuse': {
    experiment: experiment('reuse', 22, [{ name: 'reuse', groups: 2, train: phase(3), distillation: DISTILLATION }]),
  },
  'ReLU-reuse of a wide ResNet, culled': {
    experiment: experiment(
      'wide',
      17,
      [
        { ...LINEAR, thin: [], train: phase(1) },
        { name: 'reuse', groups: 3, train: phase(2), distillation: null },
      ],
      { network: { family: 'wide-resnet', stemGate: false, finalGate: true } },
    ),
  },
  'random masks, with teacher': {
    experiment: experiment('random', 28, [
      {
        name: 'random',
        budget: { kind: 'share', share: 0.3 },
        granularity: 'pixel',
        proportions: null,
        distillation: DISTILLATION,
        finetune: phase(3),
      },
    ]),
  },
  'sharing, then random masks': {
    repeatable: 1,
    experiment: experiment(
      'random over sharing',
      29,
      [
        share({ soft: phase(1), hard: phase(1) }),
        {
          name: 'random',
          budget: { kind: 'count', drelus: 60 },
          granularity: 'pixel',
          proportions: { stem: 1, 'layer1.0.gate1': 3 },
          distillation: null,
          finetune: phase(2),
        },
      ],
      { selection: 'last' },
    ),
  },
  'SNL from a finished run': {
    from: 'dense',
    experiment: experiment('warm', 18, [snl({ distillation: DISTILLATION, checkEverySteps: 6 })], { dense: phase(0) }),
  },
  'finetuning a run with masks': {
    from: 'SNL, threshold, counted per epoch',
    experiment: experiment('finetune', 19, [], { dense: phase(3) }),
  },
  'sharing from a finished run, then SNL': {
    repeatable: 1,
    from: 'dense',
    experiment: experiment(
      'warm sharing',
      20,
      [share({ distillation: DISTILLATION, hard: phase(1) }), snl({ checkEverySteps: 5, lambda: 0.01 })],
      { dense: phase(0) },
    ),
  },
};
