/** The run store: restarts, removal, checkpoints, results and damaged folders. */
import { describe, expect, it } from 'vitest';
import { presetOf } from '../domain/presets.ts';
import { encodeCheckpoint } from '../training/checkpoint.ts';
import { freshState, freshTensors } from '../training/state.ts';
import { tinyExperiment } from '../training/testing.ts';
import { fakeDirectory } from './fakeDirectory.ts';
import type { RunSummary } from './protocol.ts';
import { RunStore, StorageError } from './runStore.ts';

const run = (id: string, createdAt = '2026-01-01T00:00:00Z'): RunSummary => ({
  id,
  name: id,
  createdAt,
  finishedAt: null,
  status: 'running',
  experiment: presetOf('snl-quick'),
  drelus: 10,
  multiplications: 10,
  testAccuracy: null,
  validationAccuracy: 0.5,
  seconds: 3,
  checkpointStep: null,
});

/** Bytes of a checkpoint of a tiny run at this step. */
function checkpointAt(step: number): Uint8Array<ArrayBuffer> {
  const experiment = tinyExperiment([]);
  const state = { ...freshState(experiment, null), step };
  return encodeCheckpoint({ state, tensors: freshTensors(experiment, null) });
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('RunStore', () => {
  it('finds runs after a restart, newest first', async () => {
    const { handle } = fakeDirectory();
    const store = await RunStore.open(handle);
    await store.save(run('old', '2026-01-01T00:00:00Z'));
    await store.save(run('new', '2026-02-01T00:00:00Z'));
    const again = await RunStore.open(handle);
    expect(await again.list()).toEqual([run('new', '2026-02-01T00:00:00Z'), run('old', '2026-01-01T00:00:00Z')]);
  });

  it('restores a removed run until the store is next opened', async () => {
    const { handle } = fakeDirectory();
    const store = await RunStore.open(handle);
    await store.save(run('a'));
    await store.mark('a', true);
    expect(await store.list()).toEqual([]);
    await expect(store.get('a')).rejects.toBeInstanceOf(StorageError);
    await store.mark('a', false);
    expect(await store.list()).toHaveLength(1);
    await store.mark('a', true);
    const again = await RunStore.open(handle);
    await expect(again.mark('a', false)).rejects.toThrow('no longer in this browser');
  });

  it('reports a checkpoint once it is written, and keeps the last one when the disk is full', async () => {
    const { handle, room } = fakeDirectory();
    const store = await RunStore.open(handle);
    await store.save(run('a'));
    let written = 0;
    const checkpoints = store.checkpoints('a', (step) => Promise.resolve(void (written = step)));
    await checkpoints.write(checkpointAt(3), { step: 3 });
    expect(written).toBe(3);
    room.left = 2;
    await expect(checkpoints.write(checkpointAt(8), { step: 8 })).rejects.toThrow('no space left');
    expect(written).toBe(3);
    expect(await store.checkpoint('a')).toMatchObject({ checkpoint: { state: { step: 3 } }, note: null });
    room.left = Infinity;
    await store.dropCheckpoint('a');
    await store.dropCheckpoint('a');
    expect(await store.checkpoint('a')).toBeNull();
  });

  it('stores masks with and without weights, and reports when there are none', async () => {
    const store = await RunStore.open(fakeDirectory().handle);
    await store.save(run('a'));
    await expect(store.result('a')).rejects.toThrow('no masks yet');
    await store.saveResult('a', { masks: '{}', weights: null });
    expect(await store.result('a')).toEqual({ masks: '{}', weights: null });
    await store.saveResult('a', { masks: '{"b":1}', weights: bytes(7) });
    expect(await store.result('a')).toEqual({ masks: '{"b":1}', weights: bytes(7) });
  });

  it('skips folders without a readable run', async () => {
    const { handle } = fakeDirectory();
    const store = await RunStore.open(handle);
    await store.save(run('good'));
    const runs = await handle.getDirectoryHandle('runs');
    const broken = await (
      await runs.getDirectoryHandle('broken', { create: true })
    ).getFileHandle('run.json', { create: true });
    const stream = await broken.createWritable();
    await stream.write('{"id": "brok');
    await stream.close();
    await runs.getDirectoryHandle('empty', { create: true });
    expect((await store.list()).map(({ id }) => id)).toEqual(['good']);
    expect(await store.history('broken')).toEqual({ phases: [], steps: [], epochs: [], switches: [], warnings: [] });
  });
});
