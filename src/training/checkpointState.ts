/**
 * The state of a run as a checkpoint carries it: JSON, in versions. A state of an older version is migrated step by step; fields
 * that are missing, unknown or of a wrong type are refused, since a run that went on with them would give a wrong result.
 *
 *   1 → 2   records of the data and the device, not known for older runs
 *
 * A change of `RunState` gets a new version and a migration here. Settings that the experiment's schema has gained since are filled
 * in by the schema's defaults.
 */
import { z } from 'zod';
import { experimentSchema } from '../domain/experiment.ts';
import type { Gate } from '../domain/gateMap.ts';
import type { RunState } from './state.ts';

export const STATE_VERSION = 2;

const whole = z.int().min(0);
/** Numbers that a diverged or degenerate run may have turned into NaN or infinity; they travel as text. */
const real = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const evaluation = z.strictObject({ images: whole, loss: real, accuracy: real });
const measured = evaluation.nullable();

const gate: z.ZodType<Gate> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('relu') }),
  z.strictObject({ kind: z.literal('identity') }),
  z.strictObject({ kind: z.literal('mask'), granularity: z.enum(['pixel', 'channel']) }),
  z.strictObject({
    kind: z.literal('share'),
    from: z.string().nullable(),
    prototypes: z.array(whole),
    source: z.array(whole),
    masked: z.boolean(),
    affine: z.enum(['trained', 'fixed']),
  }),
]);
const gates = z.record(z.string(), gate);

const history = z.strictObject({
  phases: z.array(
    z.looseObject({
      id: z.string(),
      method: z.string().nullable(),
      kind: z.string(),
      title: z.string(),
      epochs: whole,
      stepsPerEpoch: whole,
    }),
  ),
  steps: z.array(
    z.looseObject({
      step: whole,
      phase: z.string(),
      epoch: whole,
      loss: real,
      crossEntropy: real,
      distillation: real,
      penalty: real,
      accuracy: real,
      learningRate: real,
      lambda: real.nullable(),
      drelus: whole,
      imagesPerSecond: real,
    }),
  ),
  epochs: z.array(
    z.looseObject({
      phase: z.string(),
      epoch: whole,
      step: whole,
      seconds: real,
      train: evaluation,
      validation: measured,
      test: measured,
      drelus: whole,
      multiplications: whole,
      learningRate: real,
      lambda: real.nullable(),
      softness: real.nullable(),
    }),
  ),
  switches: z.array(
    z.looseObject({ step: whole, what: z.string(), detail: z.string().optional(), before: measured, after: measured }),
  ),
  warnings: z.array(z.string()),
});

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const stateSchema = z.strictObject({
  experiment: experimentSchema,
  phase: whole,
  begun: z.boolean(),
  epoch: whole,
  stepInEpoch: whole,
  step: whole,
  checkedAt: z.int().min(-1),
  finished: z.boolean(),
  memory: z.record(z.string(), real),
  gates,
  teacherGates: gates.nullable(),
  trained: z.boolean(),
  startedWithGates: z.boolean(),
  sums: z.strictObject({
    steps: whole,
    images: whole,
    loss: real,
    crossEntropy: real,
    distillation: real,
    penalty: real,
    right: whole,
  }),
  best: z.strictObject({ epoch: whole, validation: measured, test: measured }).nullable(),
  kept: z
    .strictObject({
      selected: z.strictObject({ phase: z.string(), epoch: whole, by: z.enum(['validation', 'last', 'paper']) }),
      validation: measured,
      test: measured,
    })
    .nullable(),
  denseTestAccuracy: real.nullable(),
  seconds: real,
  epochSeconds: real,
  history,
  data: z
    .strictObject({ train: whole, validation: whole, test: whole, imagesSha256: hash, splitSha256: hash })
    .nullable(),
  device: z.strictObject({ adapter: z.string(), tiles: z.string().nullable() }).nullable(),
});

type Fields = Record<string, unknown>;

/** Entry n makes a state of version n + 1 from one of version n. */
const MIGRATIONS: Record<number, (state: Fields) => Fields> = {
  1: (state) => ({ ...state, data: null, device: null }),
};

export function stateText(state: RunState): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/**
 * @param version of the state, at most `STATE_VERSION`
 * @returns the state, or the path of the first field that is not as it should be
 */
export function readState(json: unknown, version: number): { state: RunState } | { wrong: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { wrong: 'state' };
  let fields = json as Fields;
  for (let v = version; v < STATE_VERSION; v++) fields = MIGRATIONS[v](fields);
  const parsed = stateSchema.safeParse(fields);
  if (parsed.success) return { state: parsed.data as RunState };
  const [issue] = parsed.error.issues;
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return { wrong: [...issue.path.map(String), ...unknownKey].join('.') || 'state' };
}
