/** Checkpoint files: every field comes back, older versions are migrated, damaged ones are refused by the name of the field. */
import { describe, expect, it } from 'vitest';
import type { TensorMap } from '../engine/api.ts';
import { readSafetensors, writeSafetensors } from '../engine/weights.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint } from './state.ts';
import { rehearse, tinyExperiment, tinyShare, tinySnl } from './testing.ts';

/** A checkpoint from the middle of the mask stage, after sharing. */
async function amid(): Promise<Checkpoint> {
  const { outcome, saved } = rehearse(tinyExperiment([tinyShare, tinySnl]), {
    checkpointSeconds: 0,
    onEvent: (event, trainer) => event.type === 'epoch' && event.record.phase === 'snl-masks' && trainer.stop(),
  });
  await outcome;
  return saved();
}

/** The checkpoint's file with its metadata changed. */
function withMetadata(checkpoint: Checkpoint, change: (metadata: Record<string, string>) => Record<string, string>) {
  const { tensors, metadata } = readSafetensors(encodeCheckpoint(checkpoint));
  return writeSafetensors(tensors, change(metadata));
}

const withState = (checkpoint: Checkpoint, change: (state: Record<string, unknown>) => unknown, version = '2') =>
  withMetadata(checkpoint, (metadata) => ({
    ...metadata,
    version,
    state: JSON.stringify(change(JSON.parse(metadata.state) as Record<string, unknown>)),
  }));

describe('a checkpoint', () => {
  it('comes back from its file with every field and every value', async () => {
    const checkpoint = await amid();
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(checkpoint.state.data).toMatchObject({ train: 40, validation: 10, test: 20 });
  });

  it('keeps numbers that are not finite', async () => {
    const checkpoint = await amid();
    const loss = { images: 10, accuracy: 0.5 };
    const best = { epoch: 1, validation: { ...loss, loss: NaN }, test: { ...loss, loss: Infinity } };
    const state = { ...checkpoint.state, best };
    expect(decodeCheckpoint(encodeCheckpoint({ ...checkpoint, state })).state.best).toEqual(best);
  });

  it('of version 1 is read; its data and device are not known', async () => {
    const checkpoint = await amid();
    const old = withState(checkpoint, ({ data: _, device: __, ...state }) => state, '1');
    expect(decodeCheckpoint(old)).toEqual({
      ...checkpoint,
      state: { ...checkpoint.state, data: null, device: null },
    });
  });

  it('of version 1 is continued to the same weights', async () => {
    const experiment = tinyExperiment([tinyShare, tinySnl]);
    const checkpoint = await amid();
    const old = decodeCheckpoint(withState(checkpoint, ({ data: _, device: __, ...state }) => state, '1'));
    const [whole, resumed] = [await rehearse(experiment).outcome, await rehearse(experiment, { resume: old }).outcome];
    if (whole.status !== 'done' || resumed.status !== 'done') throw new Error('A run did not end.');
    expect(resumed.finished.weights).toEqual(whole.finished.weights);
  });

  it('whose experiment lacks a setting that the schema has gained gets its default', async () => {
    const checkpoint = await amid();
    const older = withState(checkpoint, (state) => {
      const { engine: _, ...experiment } = state.experiment as Record<string, unknown>;
      return { ...state, experiment };
    });
    expect(decodeCheckpoint(older).state.experiment).toEqual(checkpoint.state.experiment);
  });

  it.each<[string, (state: Record<string, unknown>) => unknown, string]>([
    ['lacks a field', ({ checkedAt: _, ...state }) => state, 'checkedAt'],
    ['has an unknown field', (state) => ({ ...state, invented: 1 }), 'invented'],
    ['has a negative step', (state) => ({ ...state, step: -1 }), 'step'],
    ['has text for a number', (state) => ({ ...state, epoch: '3' }), 'epoch'],
    ['has an unknown gate', (state) => ({ ...state, gates: { stem: { kind: 'magic' } } }), 'gates.stem.kind'],
    ['has sums without a term', (state) => ({ ...state, sums: { steps: 1 } }), 'sums.images'],
    ['is a list', () => [], 'state'],
  ])('that %s is refused by name', async (_, change, field) => {
    const file = withState(await amid(), change);
    expect(() => decodeCheckpoint(file)).toThrow(`The checkpoint is damaged: "${field}" is not as it should be.`);
  });

  it('of a later version, or of none, is refused', async () => {
    const checkpoint = await amid();
    for (const version of ['3', '0', 'x', ''])
      expect(() => decodeCheckpoint(withMetadata(checkpoint, (metadata) => ({ ...metadata, version })))).toThrow(
        'reads versions up to 2',
      );
  });
});

it('a checkpoint between phases continues an experiment with more phases, whose first phases are the same', async () => {
  const short = rehearse(tinyExperiment([]), { checkpointSeconds: 0 });
  expect((await short.outcome).status).toBe('done');
  const { state, tensors } = short.saved();
  const experiment = tinyExperiment([tinyShare, tinySnl]);
  const resumed = await rehearse(experiment, { resume: { state: { ...state, experiment }, tensors } }).outcome;
  const whole = await rehearse(experiment).outcome;
  if (whole.status !== 'done' || resumed.status !== 'done') throw new Error('A run did not end.');
  expect(resumed.finished.weights).toEqual(whole.finished.weights);
});

describe('a checkpoint that cannot be continued', () => {
  const experiment = tinyExperiment([tinyShare, tinySnl]);
  type Change = (checkpoint: Checkpoint) => Checkpoint;
  const state =
    (change: Partial<Checkpoint['state']>): Change =>
    (checkpoint) => ({ ...checkpoint, state: { ...checkpoint.state, ...change } });
  const tensors =
    (change: (tensors: Checkpoint['tensors']) => Partial<Checkpoint['tensors']>): Change =>
    (checkpoint) => ({ ...checkpoint, tensors: { ...checkpoint.tensors, ...change(checkpoint.tensors) } });
  const without = (map: TensorMap | null, name: string): TensorMap =>
    new Map([...(map ?? [])].filter(([key]) => key !== name));

  it.each<[string, Change, string]>([
    ['a phase beyond the last', state({ phase: 9 }), 'it is in phase 10 of 5'],
    ['an epoch beyond the last', state({ epoch: 13 }), 'it is in epoch 14 of 12'],
    ['a step beyond the epoch', state({ stepInEpoch: 11 }), 'it is at step 11 of 10'],
    ['no optimizer state', tensors(() => ({ optimizer: null })), 'the state of the optimizer is missing'],
    [
      'no masks',
      tensors(({ weights }) => ({ weights: without(weights, 'layer1.0.gate1.alpha') })),
      '"layer1.0.gate1.alpha" is missing or misshapen',
    ],
    [
      'no weights of a layer',
      tensors(({ weights }) => ({ weights: without(weights, 'fc.bias') })),
      'the weights lack "fc.bias"',
    ],
    ['an unknown site', state({ gates: { attic: { kind: 'relu' } } }), 'the network has no gate site "attic"'],
    ['no teacher', tensors(() => ({ teacher: null })), 'the weights of the teacher are missing'],
  ])('because it has %s is refused', async (_, change, what) => {
    const resume = change(await amid());
    expect(() => rehearse(experiment, { resume })).toThrow(CheckpointError);
    expect(() => rehearse(experiment, { resume })).toThrow(new RegExp(what, 'i'));
  });
});
