/**
 * Ready experiments: the papers' settings, and quick ones on the built-in data that take minutes on a software adapter.
 */
import { CLASSES } from './dataset.ts';
import { experimentSchema } from './experiment.ts';
import type { Experiment, Method, Phase } from './experiment.ts';
import { deepshareMethod } from './methods/deepshare.ts';
import { random } from './methods/random.ts';
import { SNL_GRADUAL, SNL_PAPER, SNL_QUICK } from './methods/snl.ts';
import type { NetworkSpec } from './network.ts';
import { DISTILLATION, quickPhase, SNL_DENSE } from './phase.ts';

/** ResNet-18 of a base width, or its relatives by `more`. */
export const network = (base: number, more: Partial<NetworkSpec> = {}): NetworkSpec => ({
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [base, 2 * base, 4 * base, 8 * base],
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 10,
  ...more,
});

/** Everything but the methods, on the built-in data: 4,000 drawn images, 3,600 to train on. */
function quick(name: string, spec: NetworkSpec, dense: Phase, methods: Method[]): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name,
    seed: 1,
    dataset: { name: 'synthetic', trainImages: 4000, testImages: 1000, validationShare: 0.1, syntheticSeed: 1 },
    augment: { cropPadding: 2, flip: true },
    network: spec,
    dense,
    methods,
    selection: 'validation',
  } satisfies Partial<Experiment>);
}

interface PaperSettings {
  name: string;
  dataset: 'cifar-10' | 'cifar-100';
  /** paper: all training images, the best test epoch (a selection on test data). studio: 10% held out to select on. */
  protocol: 'paper' | 'studio';
  spec?: Partial<NetworkSpec>;
  methods: Method[];
}

/** A paper's settings on CIFAR: ResNet-18 unless `spec` says otherwise, SNL's dense recipe, crops by 4 pixels and flips. */
const onCifar = ({ name, dataset, protocol, spec = {}, methods }: PaperSettings): Experiment =>
  experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name,
    seed: 1,
    dataset: { name: dataset, ...(protocol === 'paper' ? { validationShare: 0 } : {}) },
    augment: { cropPadding: 4, flip: true },
    network: network(64, { classes: CLASSES[dataset], ...spec }),
    dense: SNL_DENSE,
    methods,
    selection: protocol === 'paper' ? 'paper' : 'validation',
  });

/** WRN-22-8 with the papers' 1,359,872 ReLUs: none after the last batch norm. */
const WRN_22_8: Partial<NetworkSpec> = {
  family: 'wide-resnet',
  blocks: [3, 3, 3],
  widths: [128, 256, 512],
  finalGate: false,
};

const snlWithin = (drelus: number): Method[] => [{ ...SNL_PAPER, budget: { kind: 'count', drelus } }];

const PAPER_PROTOCOL = 'all training images, best test epoch (a selection on test data)';
const STUDIO_PROTOCOL = '10% of the training images held out to select the epoch';

export interface Preset {
  id: string;
  title: string;
  hint: string;
  group: 'quick' | 'paper';
  make: () => Experiment;
}

const DENSE_QUICK = quickPhase(6);

/** SNL from start to end in about 160 steps of a small network: under two minutes on a software adapter of two busy cores. */
function trial(): Experiment {
  const phase = (epochs: number, learningRate: number): Phase => ({ ...quickPhase(epochs, learningRate), batch: 32 });
  const experiment = quick('SNL trial', network(6, { blocks: [1, 1, 1, 1] }), phase(4, 0.05), [
    {
      ...SNL_QUICK,
      lambda: 3e-3,
      lambdaHold: 0,
      maskLearningRate: 3e-2,
      batch: 32,
      maxEpochs: 3,
      checkEverySteps: 5,
      finetune: phase(2, 0.01),
    },
  ]);
  return { ...experiment, dataset: { ...experiment.dataset, trainImages: 640, testImages: 200 } };
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'dense-quick',
    title: 'Dense, quick',
    hint: 'ResNet-18 m=8 with every ReLU, on the built-in data',
    group: 'quick',
    make: () => quick('Dense quick', network(8), DENSE_QUICK, []),
  },
  {
    id: 'snl-quick',
    title: 'SNL, quick',
    hint: 'Dense training, then masks down to a quarter of the DReLUs',
    group: 'quick',
    make: () => quick('SNL quick', network(8), DENSE_QUICK, [SNL_GRADUAL]),
  },
  {
    id: 'snl-trial',
    title: 'SNL, trial',
    hint: 'For software adapters, under two minutes: ResNet-10 m=6, 640 images, a quarter of the DReLUs',
    group: 'quick',
    make: trial,
  },
  {
    id: 'random-quick',
    title: 'Random, quick',
    hint: 'Dense training, then a quarter of the DReLUs kept at random: the control for SNL',
    group: 'quick',
    make: () => quick('Random quick', network(8), DENSE_QUICK, [random.defaults({ quick: true, network: network(8) })]),
  },
  {
    id: 'deepshare-quick',
    title: 'DeepShare, quick',
    hint: 'A quarter of the channels are prototypes; GELU’s gate, then the step; distilled from the dense network',
    group: 'quick',
    make: () =>
      quick('DeepShare quick', network(8), DENSE_QUICK, [
        deepshareMethod(0.25, 4, quickPhase(4, 0.03), quickPhase(3, 0.03)),
      ]),
  },
  {
    id: 'deepshare-over-snl-quick',
    title: 'SNL over DeepShare, quick',
    hint: 'Shared gates whose prototypes are then masked to half of their DReLUs',
    group: 'quick',
    make: () =>
      quick('SNL over DeepShare quick', network(8), DENSE_QUICK, [
        deepshareMethod(0.25, 4, quickPhase(4, 0.03), quickPhase(3, 0.03)),
        { ...SNL_GRADUAL, budget: { kind: 'share', share: 0.5 } },
      ]),
  },
  {
    id: 'hybrenet-quick',
    title: 'HybReNet 5-5-3, quick',
    hint: 'Stage widths whose ReLUs stand in the order of their criticality',
    group: 'quick',
    make: () =>
      quick('HybReNet 5-5-3 quick', network(2, { widths: [2, 10, 50, 150], stemGate: true }), DENSE_QUICK, []),
  },
  {
    id: 'deepreduce-quick',
    title: 'DeepReDuce, quick',
    hint: 'Stage 1 culled, stage 2 thinned, with distillation',
    group: 'quick',
    make: () =>
      quick('DeepReDuce quick', network(8, { stemGate: true }), DENSE_QUICK, [
        {
          name: 'deepreduce',
          cull: [0, 1],
          thin: [2],
          thinKeeps: 'second',
          train: quickPhase(4, 0.03),
          distillation: DISTILLATION,
        },
      ]),
  },
  {
    id: 'reuse-quick',
    title: 'ReLU-reuse, quick',
    hint: 'One ReLU group of four gates the others',
    group: 'quick',
    make: () =>
      quick('ReLU-reuse quick', network(8), quickPhase(0), [
        { name: 'reuse', groups: 4, train: quickPhase(6), distillation: null },
      ]),
  },
  {
    id: 'wrn-quick',
    title: 'WideResNet, quick',
    hint: 'Pre-activation blocks, narrow, then SNL',
    group: 'quick',
    make: () =>
      quick(
        'WideResNet quick',
        network(8, { family: 'wide-resnet', blocks: [1, 1, 1], widths: [8, 16, 32], finalGate: true }),
        DENSE_QUICK,
        [SNL_GRADUAL],
      ),
  },
  {
    id: 'snl-paper-cifar100',
    title: 'SNL, CIFAR-100, paper protocol',
    hint: `ResNet-18, budget 15,000, settings of the released code; ${PAPER_PROTOCOL}`,
    group: 'paper',
    make: () =>
      onCifar({ name: 'SNL paper CIFAR-100', dataset: 'cifar-100', protocol: 'paper', methods: snlWithin(15_000) }),
  },
  {
    id: 'snl-cifar100',
    title: 'SNL, CIFAR-100',
    hint: `ResNet-18, budget 15,000, settings of the released code; ${STUDIO_PROTOCOL}`,
    group: 'paper',
    make: () =>
      onCifar({ name: 'SNL CIFAR-100', dataset: 'cifar-100', protocol: 'studio', methods: snlWithin(15_000) }),
  },
  {
    id: 'snl-paper-cifar10',
    title: 'SNL, CIFAR-10, paper protocol',
    hint: `ResNet-18, budget 50,000, settings of the released code; ${PAPER_PROTOCOL}`,
    group: 'paper',
    make: () =>
      onCifar({ name: 'SNL paper CIFAR-10', dataset: 'cifar-10', protocol: 'paper', methods: snlWithin(50_000) }),
  },
  {
    id: 'snl-cifar10',
    title: 'SNL, CIFAR-10',
    hint: `ResNet-18, budget 50,000, settings of the released code; ${STUDIO_PROTOCOL}`,
    group: 'paper',
    make: () => onCifar({ name: 'SNL CIFAR-10', dataset: 'cifar-10', protocol: 'studio', methods: snlWithin(50_000) }),
  },
  {
    id: 'snl-paper-wrn-cifar100',
    title: 'SNL, WRN-22-8, CIFAR-100, paper protocol',
    hint: `WRN-22-8, budget 180,000, settings of the released code; ${PAPER_PROTOCOL}`,
    group: 'paper',
    make: () =>
      onCifar({
        name: 'SNL paper WRN-22-8 CIFAR-100',
        dataset: 'cifar-100',
        protocol: 'paper',
        spec: WRN_22_8,
        methods: snlWithin(180_000),
      }),
  },
  {
    id: 'snl-wrn-cifar100',
    title: 'SNL, WRN-22-8, CIFAR-100',
    hint: `WRN-22-8, budget 180,000, settings of the released code; ${STUDIO_PROTOCOL}`,
    group: 'paper',
    make: () =>
      onCifar({
        name: 'SNL WRN-22-8 CIFAR-100',
        dataset: 'cifar-100',
        protocol: 'studio',
        spec: WRN_22_8,
        methods: snlWithin(180_000),
      }),
  },
  {
    id: 'deepshare-cifar100',
    title: 'DeepShare, CIFAR-100',
    hint: 'ResNet-18, an eighth of the channels are prototypes, distilled from its dense network; our implementation of the recipe',
    group: 'paper',
    make: () =>
      onCifar({
        name: 'DeepShare CIFAR-100',
        dataset: 'cifar-100',
        protocol: 'studio',
        methods: [
          deepshareMethod(
            1 / 8,
            4,
            { ...SNL_DENSE, epochs: 80, schedule: { kind: 'constant' } },
            { ...SNL_DENSE, epochs: 80, schedule: { kind: 'step', milestones: [0, 40], factor: 0.1 } },
          ),
        ],
      }),
  },
];

/** A fresh experiment of a preset. @throws RangeError where there is no such preset. */
export function presetOf(id: string): Experiment {
  const preset = PRESETS.find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`There is no preset "${id}".`);
  return preset.make();
}
