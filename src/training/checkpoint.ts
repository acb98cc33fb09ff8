/**
 * A checkpoint is one file, so that writing it is atomic wherever a file can be replaced: a safetensors file whose tensors are
 * named weights/…, optimizer/…, best/… and teacher/…, and whose metadata hold the run's state as JSON.
 */
import { z } from 'zod';
import { experimentSchema } from '../domain/experiment.ts';
import { shown } from '../domain/printable.ts';
import type { TensorMap } from '../engine/api.ts';
import { readSafetensors, writeSafetensors } from '../engine/weights.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint, RunState, RunTensors } from './state.ts';

/** Where checkpoints go: the browser's private file system, or a folder. `write` replaces the last one, whole or not at all. */
export interface CheckpointStorage {
  /** @param state that the bytes hold */
  write(bytes: Uint8Array<ArrayBuffer>, state: RunState): Promise<void>;
}

const FORMAT = 'relu-studio/checkpoint';
const VERSION = '1';
const GROUPS = ['weights', 'optimizer', 'best', 'teacher'] as const;

export function encodeCheckpoint({ state, tensors }: Checkpoint): Uint8Array<ArrayBuffer> {
  const all: TensorMap = new Map();
  const groups: string[] = [];
  for (const group of GROUPS) {
    const map = tensors[group];
    if (!map) continue;
    groups.push(group);
    for (const [name, tensor] of map) all.set(`${group}/${name}`, tensor);
  }
  return writeSafetensors(all, {
    format: FORMAT,
    version: VERSION,
    groups: groups.join(','),
    state: JSON.stringify(state),
  });
}

const whole = z.int().min(0);
/** What is not looked at closely was written by this very program. */
const stateSchema = z.looseObject({
  experiment: experimentSchema,
  phase: whole,
  begun: z.boolean(),
  epoch: whole,
  stepInEpoch: whole,
  step: whole,
  gates: z.record(z.string(), z.looseObject({ kind: z.string() })),
  memory: z.record(z.string(), z.number()),
  history: z.looseObject({ epochs: z.array(z.unknown()), steps: z.array(z.unknown()) }),
});

/** @throws CheckpointError (or WeightsError) where the bytes are no checkpoint of this version. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT) throw new CheckpointError('This file is no checkpoint of ReLU Studio.');
  if (metadata.version !== VERSION)
    throw new CheckpointError(
      `The checkpoint has version ${shown(metadata.version)}; this program reads version ${VERSION}.`,
    );
  let state: unknown;
  try {
    state = JSON.parse(metadata.state);
  } catch (cause) {
    throw new CheckpointError('The checkpoint is damaged: its state is not JSON.', { cause });
  }
  const checked = stateSchema.safeParse(state);
  if (!checked.success)
    throw new CheckpointError(
      `The checkpoint is damaged: ${checked.error.issues[0].path.join('.')} is not as it should be.`,
    );
  const present = new Set((metadata.groups ?? '').split(','));
  const group = (name: (typeof GROUPS)[number]): TensorMap | null => {
    if (!present.has(name)) return null;
    const prefix = `${name}/`;
    return new Map(
      [...tensors].filter(([key]) => key.startsWith(prefix)).map(([key, tensor]) => [key.slice(prefix.length), tensor]),
    );
  };
  const found: RunTensors = {
    weights: group('weights') ?? new Map(),
    optimizer: group('optimizer'),
    best: group('best'),
    teacher: group('teacher'),
  };
  // Through the schema, so that an experiment of an earlier version of the program equals the one read from its file.
  return { state: { ...(state as RunState), experiment: checked.data.experiment }, tensors: found };
}
