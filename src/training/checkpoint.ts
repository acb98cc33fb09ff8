/**
 * A checkpoint is one file, so that writing it is atomic wherever a file can be replaced: a safetensors file whose tensors are
 * named weights/…, optimizer/…, best/… and teacher/…, and whose metadata hold the run's state as JSON.
 */
import { shown } from '../domain/printable.ts';
import type { TensorMap } from '../engine/api.ts';
import { readSafetensors, writeSafetensors } from '../engine/weights.ts';
import { readState, STATE_VERSION, stateText } from './checkpointState.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint, RunState, RunTensors } from './state.ts';

/** Where checkpoints go. When `write` resolves the checkpoint is on disk; until then the one before it stays usable. */
export interface CheckpointStorage {
  /** @param state that the bytes hold */
  write(bytes: Uint8Array<ArrayBuffer>, state: RunState): Promise<void>;
}

const FORMAT = 'relu-studio/checkpoint';
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
    version: String(STATE_VERSION),
    groups: groups.join(','),
    state: stateText(state),
  });
}

/** @throws CheckpointError (or WeightsError) where the bytes are no checkpoint of this version. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT) throw new CheckpointError('This file is no checkpoint of ReLU Studio.');
  const version = Number(metadata.version);
  if (!Number.isInteger(version) || version < 1 || version > STATE_VERSION)
    throw new CheckpointError(
      `The checkpoint has version ${shown(metadata.version)}; this program reads versions up to ${STATE_VERSION}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(metadata.state);
  } catch (cause) {
    throw new CheckpointError('The checkpoint is damaged: its state is not JSON.', { cause });
  }
  const read = readState(json, version);
  if ('wrong' in read)
    throw new CheckpointError(`The checkpoint is damaged: ${shown(read.wrong)} is not as it should be.`);
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
  return { state: read.state, tensors: found };
}
