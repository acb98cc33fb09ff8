/**
 * An experiment is a value: everything that decides a run, and nothing else. JSON-serialisable and schema-checked, so that
 * saving, sharing by address, sweeping, resuming and the command line are the same thing.
 *
 * Methods are a list because they compose; each appears at most once, at most one of each role, and they apply in the order of
 * their roles whatever order the file has (methods/descriptor.ts). No method at all is dense training.
 */
import { z } from 'zod';
import { CLASSES, datasetSchema } from './dataset.ts';
import { atMost, natural, seed } from './fields.ts';
import { ROLES } from './methods/descriptor.ts';
import { descriptorOf, exclude, METHOD_ORDER, methodSchema, type Method } from './methods/registry.ts';
import type { NetworkSpec } from './network.ts';
import { phaseSchema } from './phase.ts';

export type { DatasetChoice } from './dataset.ts';
export type { Method } from './methods/registry.ts';
export type { Distillation, Optimizer, Phase, Schedule } from './phase.ts';

export const networkSchema = z.strictObject({
  family: z.enum(['cifar-resnet', 'wide-resnet']),
  blocks: z.array(atMost(100)).min(1).max(6),
  widths: z.array(atMost(16_384)).min(1).max(6),
  stemGate: z.boolean(),
  finalGate: z.boolean().optional(),
  inputShape: z.tuple([atMost(64), atMost(512), atMost(512)]),
  classes: atMost(65_536),
});

/** Files written before the choice of engine was removed say which one: it is accepted and dropped (see notesOn). */
const engineSchema = z
  .strictObject({
    kind: z.enum(['studio', 'stock']).optional(),
    /** shader-f16 arithmetic with float32 accumulation where the adapter has it. */
    f16: z.boolean().default(false),
    /** Images per forward pass; larger batches accumulate gradients. null: the whole batch. */
    microBatch: natural.nullable().default(null),
  })
  .prefault({})
  .transform(({ f16, microBatch }) => ({ f16, microBatch }));

interface Issue {
  path: (string | number)[];
  message: string;
}

/** Methods that appear twice, exclude each other, or contradict the network. */
function methodIssues(methods: readonly Method[], network: NetworkSpec): Issue[] {
  const names = methods.map(({ name }) => name);
  const twice = names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [{ path: ['methods', i], message: `${name} appears twice: each method once at most.` }]
      : [],
  );
  const present = METHOD_ORDER.filter((name) => names.includes(name));
  const rivals = present.flatMap((name, i) =>
    present
      .slice(i + 1)
      .filter((other) => exclude(name, other))
      .map((other) => ({
        path: ['methods'],
        message: `${name} and ${other} both decide ${ROLES[descriptorOf(name).role]}: choose one.`,
      })),
  );
  const roles = new Set(names.map((name) => descriptorOf(name).role));
  const own = methods.flatMap((method, i) =>
    (descriptorOf(method.name).check?.(method, { network, roles }) ?? []).map(({ path, message }) => ({
      path: ['methods', i, ...path],
      message,
    })),
  );
  return [...twice, ...rivals, ...own];
}

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
    methods: z.array(methodSchema).max(METHOD_ORDER.length),
    /** validation: the best epoch on the validation split. last: no selection. paper: best test epoch, a selection on test data. */
    selection: z.enum(['validation', 'last', 'paper']),
    engine: engineSchema,
  })
  .check((context) => {
    const { methods, network, dataset } = context.value;
    const issue = ({ path, message }: Issue) =>
      context.issues.push({ code: 'custom', path, message, input: context.value });
    const whole = network.blocks.length === network.widths.length;
    if (!whole)
      issue({ path: ['network', 'widths'], message: 'blocks and widths must have one entry per stage each.' });
    const known = CLASSES[dataset.name];
    // Tiny-ImageNet is 1.3 GB decoded, so that a part of its classes may be used.
    if (network.classes < known && dataset.name !== 'tiny-imagenet')
      issue({
        path: ['network', 'classes'],
        message: `${dataset.name} has ${known} classes, but the network ${network.classes}.`,
      });
    // Methods may look at the network's sites, so it must be one.
    if (whole) methodIssues(methods, network).forEach(issue);
  });

export type Experiment = z.infer<typeof experimentSchema>;

/** What a file asks for and this version does no more; `json` as it was read, before the schema. One sentence each. */
export function notesOn(json: unknown): string[] {
  const kind = (json as { engine?: { kind?: unknown } } | null)?.engine?.kind;
  return kind === 'stock'
    ? [
        'engine.kind "stock" is no longer a setting: the run uses the studio’s own engine. Stock TensorFlow.js remains in tests and benchmarks.',
      ]
    : [];
}
