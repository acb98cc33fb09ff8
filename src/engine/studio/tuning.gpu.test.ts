/** Tuning: measures every shape once, remembers by device, survives a broken memory, and what it picks trains to the same numbers. */
import { describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../../test/openGpu.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { TuningStore } from '../api.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [4],
  stemGate: true,
  inputShape: [3, 6, 6],
  classes: 3,
};

describe('tuning', () => {
  const gpu = openGpuForTests();

  it('measures each shape once, remembers, and measures again after a broken or forgotten memory', async () => {
    const [{ tunedTiles }, { pipelineCacheOf }] = await Promise.all([
      import('./tuning.ts'),
      import('../gpu/pipelines.ts'),
    ]);
    let text: string | null = null;
    let writes = 0;
    const store: TuningStore = {
      read: () => Promise.resolve(text),
      write: (value) => {
        text = value;
        writes++;
        return Promise.resolve();
      },
    };
    const measured: number[] = [];
    const tune = () =>
      tunedTiles(gpu(), pipelineCacheOf(gpu().device), network, 2, store, {
        progress: (done, total) => measured.push(done / total),
        force: true,
        most: 2,
      });
    const tiles = await tune();
    expect(tiles).toBeDefined();
    expect(writes).toBe(1);
    expect(measured.at(-1)).toBe(1);
    measured.length = 0;
    await tune();
    expect(writes).toBe(1);
    expect(measured).toEqual([]);
    text = '{"version":1,"devices":';
    await tune();
    expect(writes).toBe(2);
  });

  it('measures only forward passes for an evaluation, and remembers nothing once the device has failed', async () => {
    const [{ tunedTiles }, { pipelineCacheOf }, { GpuError }] = await Promise.all([
      import('./tuning.ts'),
      import('../gpu/pipelines.ts'),
      import('../errors.ts'),
    ]);
    const texts: string[] = [];
    const store: TuningStore = {
      read: () => Promise.resolve(null),
      write: (text) => {
        texts.push(text);
        return Promise.resolve();
      },
    };
    const cache = pipelineCacheOf(gpu().device);
    await tunedTiles(gpu(), cache, network, 2, store, { evaluationOnly: true, force: true, most: 2 });
    expect(texts[0]).toContain('forward');
    expect(texts[0]).not.toContain('gradient');
    const failed = { ...gpu(), failure: () => new GpuError('The GPU was lost.') };
    await expect(tunedTiles(failed, cache, network, 2, store, { force: true, most: 2 })).rejects.toThrow(
      'The GPU was lost.',
    );
    expect(texts).toHaveLength(1);
  });

  it('is left out where the software kernels run: candidates cost more to compile than they win', async () => {
    const [{ tunedTiles }, { pipelineCacheOf }] = await Promise.all([
      import('./tuning.ts'),
      import('../gpu/pipelines.ts'),
    ]);
    const store: TuningStore = {
      read: () => Promise.reject(new Error('unused')),
      write: () => Promise.reject(new Error('unused')),
    };
    const tiles = await tunedTiles({ ...gpu(), kernels: 'software' }, pipelineCacheOf(gpu().device), network, 2, store);
    expect(tiles).toBeUndefined();
  });
});
