/**
 * Reads a numeric fixture, as the PyTorch reference writes it: `fixture.json` (widths, blocks, gates, batch, steps, losses,
 * optimizer) and its tensors.
 */
import { z } from 'zod';
import type { Gate, GateMap } from '../../domain/gateMap.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { shown } from '../../domain/printable.ts';
import { readableIssue } from '../../domain/readable.ts';
import type { ImageSet, StepSettings, TensorMap } from '../api.ts';

/** A fixture that cannot be read; the message says why. */
export class FixtureError extends Error {
  override name = 'FixtureError';
}

const count = z.int().min(0);
const natural = z.int().min(1);
const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('relu') }),
  z.object({ kind: z.literal('identity') }),
  z.object({ kind: z.literal('mask') }),
  z.object({
    kind: z.literal('share'),
    prototypes: z.array(count),
    source: z.array(count),
    from: z.string().nullable().default(null),
    masked: z.boolean().default(false),
  }),
]);
/** A sentence ("every site is a plain ReLU") means an empty gate map. */
const gatesSchema = z.union([z.string().transform(() => ({})), z.record(z.string(), gateSchema)]).default({});

const fixtureSchema = z.object({
  name: z.string().default('fixture'),
  family: z.enum(['cifar-resnet', 'wide-resnet']).default('cifar-resnet'),
  finalGate: z.boolean().optional(),
  widths: z.array(natural),
  blocks: z.array(natural),
  classes: natural,
  /** Side of a square image with three channels; inputShape is more general. */
  inputSize: natural.optional(),
  inputShape: z.tuple([natural, natural, natural]).optional(),
  stemGate: z.boolean(),
  gates: gatesSchema,
  teacherGates: gatesSchema,
  softGate: z.boolean().default(false),
  /** Slope and mix of the soft gate, if not those of GELU (1, 0). */
  soft: z.object({ slope: z.number(), mix: z.number() }).nullable().default(null),
  batch: natural,
  steps: natural.default(1),
  loss: z.string(),
  l1Lambda: z.number().nullable().default(null),
  temperature: z.number().nullable().default(null),
  optimizer: z.string(),
  data: z.string().default(''),
  /** Normalisation per channel, if not that of the data set named in `data`. */
  mean: z.array(z.number()).optional(),
  std: z.array(z.number()).optional(),
});

export interface Fixture {
  name: string;
  network: NetworkSpec;
  gates: GateMap;
  teacherGates: GateMap;
  batch: number;
  steps: number;
  settings: StepSettings;
  images: ImageSet;
  /** PyTorch's values: before/, teacher/, grad/, after/, logits, loss, logits_eval. */
  tensors: TensorMap;
}

const NUMBER = String.raw`([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)`;
const BETWEEN = String.raw`[\s=:([]*`;

const LONGEST_SENTENCE = 500;

/** The number after a word in a sentence; null if the word is missing or follows "no". */
function numberAfter(text: string, word: string): number | null {
  const found = new RegExp(`(?<!no )\\b${word}${BETWEEN}${NUMBER}`, 'i').exec(text);
  return found && Number(found[1]);
}

/**
 * The optimizer and learning rate that a sentence names, such as "SGD lr 0.1, momentum 0.9 (no dampening, no Nesterov), weight decay
 * 5e-4 on every parameter" or "Adam lr 1e-3, betas 0.9 0.999, eps 1e-8, no weight decay". Missing values have PyTorch's defaults.
 */
export function parseOptimizer(text: string): Pick<StepSettings, 'optimizer' | 'learningRate'> {
  // Longer texts would keep the regular expressions below busy for seconds.
  if (text.length > LONGEST_SENTENCE)
    throw new FixtureError(
      `The optimizer is described in ${text.length} characters; ${LONGEST_SENTENCE} are the most.`,
    );
  const weightDecay = numberAfter(text, 'weight[ _]decay') ?? 0;
  const rate = numberAfter(text, 'lr') ?? numberAfter(text, 'learning rate');
  if (/\badamw\b|\bamsgrad\b/i.test(text)) throw new FixtureError(`Unsupported optimizer: ${shown(text)}.`);
  if (/\badam\b/i.test(text)) {
    const betas = new RegExp(String.raw`\bbetas?${BETWEEN}${NUMBER}[\s,]+${NUMBER}`, 'i').exec(text);
    return {
      learningRate: rate ?? 1e-3,
      optimizer: {
        kind: 'adam',
        weightDecay,
        betas: betas ? [Number(betas[1]), Number(betas[2])] : [0.9, 0.999],
        epsilon: numberAfter(text, 'eps(?:ilon)?') ?? 1e-8,
      },
    };
  }
  if (/\bsgd\b/i.test(text)) {
    if (/(?<!no )\bnesterov\b/i.test(text) || (numberAfter(text, 'dampening') ?? 0) !== 0)
      throw new FixtureError(`SGD with Nesterov momentum or dampening is not supported: ${shown(text)}.`);
    if (rate === null) throw new FixtureError(`No learning rate in ${shown(text)}.`);
    return {
      learningRate: rate,
      optimizer: { kind: 'sgd', momentum: numberAfter(text, 'momentum') ?? 0, weightDecay },
    };
  }
  throw new FixtureError(`Neither SGD nor Adam in ${shown(text)}.`);
}

const NORMALISATION = {
  'cifar-10': { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  'cifar-100': { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
};

/**
 * @param json the parsed fixture.json
 * @throws FixtureError where something is missing or not as it should be
 */
export function parseFixture(json: unknown, tensors: TensorMap): Fixture {
  const parsed = fixtureSchema.safeParse(json);
  if (!parsed.success) throw new FixtureError(`fixture.json: ${readableIssue(parsed.error, 'the fixture')}`);
  const given = parsed.data;
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new FixtureError(`The tensors lack "${name}".`);
    return found;
  };
  const distils = /distill/i.test(given.loss);
  const penalised = /\bl1\b/i.test(given.loss);
  if (!/cross.?entropy/i.test(given.loss)) throw new FixtureError(`No cross entropy in the loss ${shown(given.loss)}.`);
  if (penalised && given.l1Lambda === null) throw new FixtureError('The loss has an L1 term, but l1Lambda is missing.');

  const images = tensor('images');
  const inputShape: NetworkSpec['inputShape'] | null =
    given.inputShape ?? (given.inputSize === undefined ? null : [3, given.inputSize, given.inputSize]);
  if (!inputShape) throw new FixtureError('The fixture has neither inputSize nor inputShape.');
  const usual = NORMALISATION[/cifar-?100/i.test(given.data) ? 'cifar-100' : 'cifar-10'];
  const { mean = usual.mean, std = usual.std } = given;
  if (mean.length !== inputShape[0] || std.length !== inputShape[0])
    throw new FixtureError(`mean and std need one number for each of the ${inputShape[0]} channels.`);
  const labels = tensor('labels');
  if (images.shape.length !== 4 || labels.shape.length !== 1 || labels.shape[0] !== images.shape[0])
    throw new FixtureError(
      `Images of shape [${images.shape.join(', ')}] and labels of shape [${labels.shape.join(', ')}] do not go together.`,
    );
  return {
    name: given.name,
    network: {
      family: given.family,
      blocks: given.blocks,
      widths: given.widths,
      stemGate: given.stemGate,
      ...(given.finalGate === undefined ? {} : { finalGate: given.finalGate }),
      inputShape,
      classes: given.classes,
    },
    gates: gateMap(given.gates, tensors, 'before/'),
    teacherGates: gateMap(given.teacherGates, tensors, 'teacher/'),
    batch: given.batch,
    steps: given.steps,
    settings: {
      ...parseOptimizer(given.optimizer),
      lambda: penalised ? given.l1Lambda! : 0,
      trainMasks: true,
      trainAffine: true,
      distillation: distils ? { temperature: given.temperature ?? 4, weight: 1 } : null,
      soft: given.softGate ? (given.soft ?? { slope: 1, mix: 0 }) : null,
      augment: null,
    },
    images: {
      images: Uint8Array.from(images.data),
      labels: Uint16Array.from(labels.data),
      count: images.shape[0],
      shape: images.shape.slice(1) as [number, number, number],
      mean,
      std,
    },
    tensors,
  };
}

/** The gate map. A mask's granularity follows from the shape of its alpha; an affine is trained if the tensors have its scale. */
function gateMap(gates: z.infer<typeof gatesSchema>, tensors: TensorMap, prefix: string): GateMap {
  const entries = Object.entries(gates as Record<string, z.infer<typeof gateSchema>>);
  return Object.fromEntries(
    entries.map(([site, gate]): [string, Gate] => {
      if (gate.kind === 'share') {
        const affine = tensors.has(`${prefix}${site}.scale`) ? 'trained' : 'fixed';
        // A masked gate without prototypes of its own has an empty alpha in the reference: there is nothing to mask.
        return [site, { ...gate, masked: gate.masked && gate.prototypes.length > 0, affine }];
      }
      if (gate.kind !== 'mask') return [site, gate];
      const shape = tensors.get(`${prefix}${site}.alpha`)?.shape;
      const channelwise = shape !== undefined && shape[1] === 1 && shape[2] === 1;
      return [site, { ...gate, granularity: channelwise ? 'channel' : 'pixel' }];
    }),
  );
}
