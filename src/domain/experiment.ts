/**
 * An experiment is a value: everything that decides a run, and nothing else. JSON-serialisable and schema-checked, so that
 * saving, sharing by address, sweeping, resuming and the command line are the same thing.
 *
 * Methods stand in a list because they compose; each appears at most once and they apply in the order
 * deepreduce → reuse → deepshare → snl whatever order the file has. No method at all is dense training.
 *
 * Public: experimentSchema and the schemas of its parts; Experiment and the types of its parts; CLASSES.
 */
import { z } from 'zod';

/** Limits far beyond use, so that a damaged file or address cannot make the page count for minutes. */
const atMost = (most: number) => z.int().min(1).max(most);
const natural = atMost(1e9);
const count = z.int().min(0).max(1e9);
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const positive = z.number().positive();
const share = z.number().gt(0).max(1);

export const networkSchema = z.strictObject({
  family: z.enum(['cifar-resnet', 'wide-resnet']),
  blocks: z.array(atMost(100)).min(1).max(6),
  widths: z.array(atMost(16_384)).min(1).max(6),
  stemGate: z.boolean(),
  finalGate: z.boolean().optional(),
  inputShape: z.tuple([atMost(64), atMost(512), atMost(512)]),
  classes: atMost(65_536),
});

export const datasetSchema = z.strictObject({
  /** synthetic is drawn by code from `syntheticSeed`; the others are what the user brings. */
  name: z.enum(['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet']),
  /** Use only the first so many images of the part; null: all of them. Synthetic: how many to draw. */
  trainImages: natural.nullable().default(null),
  testImages: natural.nullable().default(null),
  /** Share of the training part held out for validation, drawn by the experiment's seed. */
  validationShare: z.number().min(0).max(0.9).default(0.1),
  syntheticSeed: seed.default(1),
});

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** lr × factor at the start of each milestone epoch (0-based, as PyTorch's MultiStepLR). */
  z.strictObject({ kind: z.literal('step'), milestones: z.array(count), factor: positive }),
  /** Half a cosine from the phase's rate to `floor` × rate over its epochs, stepped once an epoch (PyTorch's CosineAnnealingLR). */
  z.strictObject({ kind: z.literal('cosine'), floor: z.number().min(0).max(1).default(0) }),
]);

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: positive,
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
  }),
  z.strictObject({ kind: z.literal('adam'), learningRate: positive, weightDecay: z.number().min(0).default(0) }),
]);

export const phaseSchema = z.strictObject({
  epochs: count,
  batch: natural,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
});

/** KL of the softened outputs times T², against a frozen teacher in evaluation mode (Hinton 2015). */
export const distillationSchema = z.strictObject({ temperature: positive, weight: z.number().min(0) });

export const budgetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), drelus: count }),
  /** Share of the DReLUs that the gates had before the masks. */
  z.strictObject({ kind: z.literal('share'), share }),
]);

export const snlSchema = z.strictObject({
  name: z.literal('snl'),
  budget: budgetSchema,
  granularity: z.enum(['pixel', 'channel']),
  /** λ, weight of Σ|α|, at the start; multiplied by κ when the count did not fall below its lowest. */
  lambda: positive,
  kappa: z.number().min(1),
  /** A neuron counts as kept while α > ε. */
  epsilon: z.number().min(0).lt(1),
  /** λ does not grow before this epoch of the mask stage (the released code: 5; the printed Algorithm 1: 0). */
  lambdaHold: count,
  learningRate: positive,
  maskLearningRate: positive,
  batch: natural,
  maxEpochs: natural,
  /** How often the count is checked: null once an epoch (the paper), else every so many steps. */
  checkEverySteps: natural.nullable(),
  /** threshold: α ← 1[α > ε] (the paper). exact: exactly the budget's largest masks stay. */
  binarise: z.enum(['threshold', 'exact']),
  distillation: distillationSchema.nullable(),
  finetune: phaseSchema,
});

export const transitionSchema = z.discriminatedUnion('kind', [
  /** Φ(s·z), s rising geometrically from `from` to `to` over the soft phase, then the step. */
  z.strictObject({ kind: z.literal('gelu'), from: positive, to: positive }),
  /** (1 − t)·Φ(z) + t·1[z > 0], t rising from 0 to 1 over the soft phase. */
  z.strictObject({ kind: z.literal('mix') }),
  /** Φ(z) all through the soft phase, then the step at once. */
  z.strictObject({ kind: z.literal('abrupt') }),
]);

export const deepshareSchema = z.strictObject({
  name: z.literal('deepshare'),
  /** Prototypes of every site: a ratio of its channels (rounded, at least 1) per stage, stem first: [stem, stage 1, …]. */
  ratios: z.array(share),
  /** Prototype counts of single sites, over the stage's ratio. */
  overrides: z.record(z.string(), natural).default({}),
  /** Which sites borrow: none; the later gate of a block from its first; every later site of a stage from its first; by hand. */
  crossLayer: z.enum(['off', 'block', 'stage', 'custom']),
  /** crossLayer custom: borrower → owner. */
  borrow: z.record(z.string(), z.string()).default({}),
  affine: z.boolean(),
  /** first: the first P channels, c consults c mod P. farthest: chosen on gate patterns of a trained network. */
  choice: z.enum(['first', 'farthest']),
  transition: transitionSchema,
  soft: phaseSchema,
  hard: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export const deepreduceSchema = z.strictObject({
  name: z.literal('deepreduce'),
  /** Stages (1-based; 0 is the stem) that lose all ReLUs. */
  cull: z.array(count),
  /** Stages kept that lose every other ReLU layer. */
  thin: z.array(natural),
  /** Which gate of each pair stays in a thinned stage. */
  thinKeeps: z.enum(['first', 'second']),
  train: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export const reuseSchema = z.strictObject({
  name: z.literal('reuse'),
  /** N: the channels of a site split into N groups; one keeps its ReLUs, the others are gated by the matching channel. */
  groups: z.int().min(2),
  train: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export const methodSchema = z.discriminatedUnion('name', [deepreduceSchema, reuseSchema, deepshareSchema, snlSchema]);

/** Classes of each data set. */
export const CLASSES = { synthetic: 10, 'cifar-10': 10, 'cifar-100': 100, 'tiny-imagenet': 200 } as const;

export const experimentSchema = z
  .strictObject({
    format: z.literal('relu-studio/experiment'),
    version: z.literal(1),
    name: z.string().min(1).max(120),
    seed,
    dataset: datasetSchema,
    augment: z.strictObject({ cropPadding: z.int().min(0).max(16), flip: z.boolean() }),
    network: networkSchema,
    /** Training before any method, of the network with plain ReLUs; its result is also the teacher. 0 epochs: from scratch. */
    dense: phaseSchema,
    methods: z.array(methodSchema).max(4),
    /** validation: the best epoch on the validation split. last: no selection. paper: best test epoch, a selection on test data. */
    selection: z.enum(['validation', 'last', 'paper']),
    engine: z
      .strictObject({
        kind: z.enum(['studio', 'stock']).default('studio'),
        /** shader-f16 arithmetic with float32 accumulation where the adapter has it. */
        f16: z.boolean().default(false),
        /** Images a forward pass; batches larger than this accumulate gradients. null: the whole batch. */
        microBatch: natural.nullable().default(null),
      })
      .prefault({}),
  })
  .check((context) => {
    const { methods, network } = context.value;
    const issue = (path: (string | number)[], message: string) =>
      context.issues.push({ code: 'custom', path, message, input: context.value });
    if (network.blocks.length !== network.widths.length)
      issue(['network', 'widths'], 'blocks and widths must have one entry a stage each.');
    const known = CLASSES[context.value.dataset.name];
    if (network.classes < known)
      issue(
        ['network', 'classes'],
        `${context.value.dataset.name} has ${known} classes, but the network ${network.classes}.`,
      );
    const names = methods.map((m) => m.name);
    names.forEach(
      (name, i) => names.indexOf(name) < i && issue(['methods', i], `${name} appears twice: each method once at most.`),
    );
    if (names.includes('reuse') && names.includes('deepshare'))
      issue(['methods'], 'reuse and deepshare both decide whose DReLU a channel consults: choose one.');
    const stages = network.blocks.length;
    methods.forEach((method, i) => {
      if (method.name === 'deepshare' && method.ratios.length !== stages + 1)
        issue(['methods', i, 'ratios'], `${stages} stages need ${stages + 1} ratios, the stem's first.`);
      if (method.name !== 'deepreduce') return;
      for (const key of ['cull', 'thin'] as const)
        for (const stage of method[key])
          if (stage > stages) issue(['methods', i, key], `there is no stage ${stage}, only 1 to ${stages}.`);
      for (const stage of method.thin)
        if (method.cull.includes(stage)) issue(['methods', i, 'thin'], `stage ${stage} is culled already: choose one.`);
    });
    const snl = methods.findIndex((m) => m.name === 'snl' && m.granularity === 'channel');
    if (snl >= 0 && (names.includes('reuse') || names.includes('deepshare')))
      issue(
        ['methods', snl, 'granularity'],
        'over shared gates SNL masks single neurons of the prototypes: choose pixel.',
      );
  });

export type Experiment = z.infer<typeof experimentSchema>;
export type DatasetChoice = z.infer<typeof datasetSchema>;
export type Phase = z.infer<typeof phaseSchema>;
export type Optimizer = z.infer<typeof optimizerSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type Distillation = z.infer<typeof distillationSchema>;
export type Method = z.infer<typeof methodSchema>;
export type SnlMethod = z.infer<typeof snlSchema>;
export type DeepShareMethod = z.infer<typeof deepshareSchema>;
export type DeepReduceMethod = z.infer<typeof deepreduceSchema>;
export type ReuseMethod = z.infer<typeof reuseSchema>;
export type Transition = z.infer<typeof transitionSchema>;
export type Budget = z.infer<typeof budgetSchema>;
