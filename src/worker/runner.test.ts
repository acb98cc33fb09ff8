/** The runner with a fake engine: events for the page, stored results, and recovery from a lost device. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineSettings } from '../engine/api.ts';
import type { RunEvent } from '../training/events.ts';
import { FakeEngine } from '../training/fakeEngine.ts';
import type { FakeFaults } from '../training/fakeEngine.ts';
import { parseMasks } from '../domain/masksFile.ts';
import { tinyData, tinyExperiment, tinySnl } from '../training/testing.ts';
import type { TrainingData } from '../training/trainingData.ts';
import { fakeDirectory } from './fakeDirectory.ts';
import { RunStore } from './runStore.ts';
import { Runner } from './runner.ts';

const device = vi.hoisted(() => ({
  faults: {} as FakeFaults,
  failed: [] as ((error: Error) => void)[],
}));

vi.mock('./gpu.ts', () => ({
  gpu: () => Promise.resolve({ limits: { maxBufferSize: 1 << 30 } }),
  makeEngine: (settings: EngineSettings) => Promise.resolve(new FakeEngine(settings, device.faults)),
  onGpuFailure: (listener: (error: Error) => void) => device.failed.push(listener),
  isLoss: (error: Error) => error.message.startsWith('The GPU was lost'),
}));

/** Web Locks of one tab: each name is held at most once. */
function fakeLocks() {
  const held = new Set<string>();
  return {
    held,
    request: async (name: string, _: unknown, work: () => Promise<unknown>) => {
      if (held.has(name)) throw new DOMException('given up', 'TimeoutError');
      held.add(name);
      try {
        return await work();
      } finally {
        held.delete(name);
      }
    },
    query: () => Promise.resolve({ held: [...held].map((name) => ({ name })) }),
  };
}

interface Setup {
  store?: RunStore;
  onEvent?: (event: RunEvent) => void;
  data?: () => Promise<TrainingData>;
}

async function setup({ store, onEvent, data = () => Promise.resolve(tinyData) }: Setup = {}) {
  const runs = store ?? (await RunStore.open(fakeDirectory().handle));
  const events: RunEvent[] = [];
  const lost: string[] = [];
  let finish = () => {};
  const ended = new Promise<void>((resolve) => (finish = resolve));
  const runner = new Runner({
    store: runs,
    data,
    send: (_, event) => {
      events.push(event);
      onEvent?.(event);
      if (event.type === 'status' && ['done', 'stopped', 'failed'].includes(event.status)) finish();
    },
    runsChanged: () => {},
    deviceLost: (message) => {
      lost.push(message);
      finish();
    },
  });
  return { runner, events, lost, ended, store: runs };
}

const experiment = tinyExperiment([tinySnl]);
const types = (events: RunEvent[]) => events.map(({ type }) => type);

describe('Runner', () => {
  beforeEach(() => {
    device.faults = {};
    device.failed.length = 0;
    vi.stubGlobal('navigator', { locks: fakeLocks() });
  });
  afterEach(() => void vi.unstubAllGlobals());

  it('reports "done" only once the masks can be exported', async () => {
    const { runner, events, ended, store } = await setup();
    const { run } = await runner.start({ type: 'run:start', experiment });
    expect(events).toEqual([]);
    await ended;
    expect(types(events).slice(-2)).toEqual(['done', 'status']);
    const { masks, weights } = await store.result(run);
    expect(weights).not.toBeNull();
    const [summary] = await runner.list();
    expect(summary).toMatchObject({ id: run, status: 'done', checkpointStep: null });
    expect(parseMasks(masks).counts.total.drelus).toBe(summary.drelus);
    expect(summary.drelus).toBeLessThanOrEqual(30);
    expect((await store.history(run)).epochs.length).toBeGreaterThan(4);
    expect(runner.busy).toBe(false);
  });

  it('resumes a stopped run to the same masks as a run that was never stopped', async () => {
    const whole = await setup();
    const first = await whole.runner.start({ type: 'run:start', experiment });
    await whole.ended;

    const halved = await setup();
    const second = await halved.runner.start({ type: 'run:start', experiment });
    halved.runner.pause();
    await vi.waitFor(() => expect(halved.events).toContainEqual(expect.objectContaining({ status: 'paused' })));
    halved.runner.step();
    await halved.runner.stop();
    const [stopped] = await halved.runner.list();
    expect(stopped).toMatchObject({ status: 'stopped' });
    expect(stopped.checkpointStep).not.toBeNull();
    await expect(halved.store.result(second.run)).rejects.toThrow('no masks yet');

    const again = await setup({ store: halved.store });
    await again.runner.resume(second.run);
    await again.ended;
    const sites = async (store: RunStore, run: string) =>
      JSON.stringify(parseMasks((await store.result(run)).masks).trained);
    expect(await sites(halved.store, second.run)).toBe(await sites(whole.store, first.run));
  });

  it('does not report a run as failed whose device was lost: the next worker resumes it', async () => {
    device.faults = { lostAt: 12 };
    const { runner, events, lost, ended, store } = await setup();
    const { run } = await runner.start({ type: 'run:start', experiment });
    // The engine throws first; the loss is reported a moment later.
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'epoch')).toBe(true));
    setTimeout(
      () => device.failed[0](new Error('The GPU was lost (gone). The run goes on from its last checkpoint.')),
      100,
    );
    await ended;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(lost).toHaveLength(1);
    expect(types(events)).not.toContain('failed');

    // The locks of the lost worker are released.
    device.faults = {};
    vi.stubGlobal('navigator', { locks: fakeLocks() });
    const fresh = await setup({ store });
    expect((await fresh.runner.list())[0].status).toBe('interrupted');
    await fresh.runner.resume(run);
    await fresh.ended;
    expect((await fresh.runner.list())[0].status).toBe('done');
  });

  it('fails after a refused operation, and then reports the worker as lost', async () => {
    let refused = false;
    const { runner, events, lost, ended } = await setup({
      onEvent: ({ type }) => {
        if (type !== 'step' || refused) return;
        refused = true;
        device.failed[0](new Error('The GPU is out of memory: no room.'));
      },
    });
    await runner.start({ type: 'run:start', experiment });
    await ended;
    await vi.waitFor(() => expect(lost).toEqual(['The GPU is out of memory: no room.']));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'failed', message: 'The GPU is out of memory: no room.' }),
    );
  });

  it('restarts a finetuning run that failed before its first step from the same weights', async () => {
    const finetune = tinyExperiment([tinySnl], { ...experiment.dense, epochs: 0 });
    const first = await setup();
    const { run: from } = await first.runner.start({ type: 'run:start', experiment });
    await first.ended;
    const whole = await setup({ store: first.store });
    const smooth = await whole.runner.start({ type: 'run:start', experiment: finetune, from: { run: from } });
    await whole.ended;

    const empty = await setup({ store: first.store, data: () => Promise.reject(new Error('The images are gone.')) });
    const broken = await empty.runner.start({ type: 'run:start', experiment: finetune, from: { run: from } });
    await empty.ended;
    expect((await empty.runner.list()).find(({ id }) => id === broken.run)).toMatchObject({
      status: 'failed',
      checkpointStep: 0,
    });
    const again = await setup({ store: first.store });
    await again.runner.resume(broken.run);
    await again.ended;
    const weights = async (run: string) => [...((await first.store.result(run)).weights ?? [])];
    expect(await weights(broken.run)).toEqual(await weights(smooth.run));
  });

  describe('a run whose checkpoints were damaged', () => {
    /** A run that was stopped within its first epochs, with two checkpoints. */
    async function stopped() {
      const { handle } = fakeDirectory();
      const store = await RunStore.open(handle);
      let epochs = 0;
      const first = await setup({
        store,
        onEvent: ({ type }) => {
          if (type === 'epoch' && ++epochs === 2) void first.runner.stop();
        },
      });
      const { run } = await first.runner.start({ type: 'run:start', experiment });
      await first.ended;
      const folder = await (await handle.getDirectoryHandle('runs')).getDirectoryHandle(run);
      const damage = async (name: string) => {
        const stream = await (await folder.getFileHandle(name)).createWritable();
        await stream.write('damaged');
        await stream.close();
      };
      const pointer = JSON.parse(await (await (await folder.getFileHandle('checkpoint.json')).getFile()).text()) as {
        current: { file: string; step: number };
        previous: { file: string; step: number };
      };
      return { store, run, damage, pointer };
    }

    async function undisturbed(): Promise<Uint8Array> {
      const whole = await setup();
      const { run } = await whole.runner.start({ type: 'run:start', experiment });
      await whole.ended;
      return (await whole.store.result(run)).weights!;
    }

    it('continues from the checkpoint before, says so, and ends with the same masks', async () => {
      const { store, run, damage, pointer } = await stopped();
      await damage(pointer.current.file);
      const again = await setup({ store });
      await again.runner.resume(run);
      await again.ended;
      expect(again.events).toContainEqual({
        type: 'warning',
        message: `The latest checkpoint cannot be used (${pointer.current.file}: its hash is not the recorded one): the run continues from the one before, at step ${pointer.previous.step}.`,
      });
      expect((await store.result(run)).weights).toEqual(await undisturbed());
    });

    it('offers a restart where none can be used, and restarts then', async () => {
      const { store, run, damage, pointer } = await stopped();
      await damage(pointer.current.file);
      await damage(pointer.previous.file);
      const again = await setup({ store });
      await expect(again.runner.resume(run)).rejects.toThrow('Restart the run to train it again from its start.');
      expect((await again.runner.list())[0].checkpointStep).toBeNull();
      await again.runner.resume(run);
      await again.ended;
      expect((await store.result(run)).weights).toEqual(await undisturbed());
    });
  });

  it('refuses to continue a run with other data, and says what changed', async () => {
    const first = await setup({
      onEvent: ({ type }) => {
        if (type === 'epoch') void first.runner.stop();
      },
    });
    const { run } = await first.runner.start({ type: 'run:start', experiment });
    await first.ended;
    const fewer = { ...tinyData, train: tinyData.train.slice(0, 36) };
    const again = await setup({ store: first.store, data: () => Promise.resolve(fewer) });
    await again.runner.resume(run);
    await again.ended;
    expect(again.events).toContainEqual(
      expect.objectContaining({
        type: 'failed',
        name: 'CheckpointError',
        message: expect.stringContaining('40 training images then, 36 now') as string,
      }),
    );
    const right = await setup({ store: first.store });
    await right.runner.resume(run);
    await right.ended;
    expect((await right.runner.list())[0].status).toBe('done');
  });

  it('reports a divergence once, with the message of the trainer', async () => {
    device.faults = { divergesAt: 5 };
    const { runner, events, ended } = await setup();
    await runner.start({ type: 'run:start', experiment });
    await ended;
    expect(events.filter(({ type }) => type === 'failed')).toEqual([
      expect.objectContaining({
        name: 'DivergedError',
        message: expect.stringContaining('Lower the learning rate') as string,
      }),
    ]);
  });

  it('refuses a second run, an experiment that the schema refuses, and a run that another tab holds', async () => {
    const { runner, ended, store } = await setup();
    await expect(runner.start({ type: 'run:start', experiment: { ...experiment, seed: -1 } })).rejects.toThrow('seed');
    const { run } = await runner.start({ type: 'run:start', experiment });
    await expect(runner.start({ type: 'run:start', experiment })).rejects.toThrow('stop it first');
    const other = await setup({ store });
    await expect(other.runner.resume(run)).rejects.toThrow('another tab');
    await ended;
    await expect(runner.resume(run)).rejects.toThrow('is done');
  });
});
