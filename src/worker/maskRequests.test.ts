/** Importing masks into the run library: the experiment of a file, and refusals before anything is stored. */
import { beforeEach, describe, expect, it } from 'vitest';
import { about, accuracy } from '../domain/testing.ts';
import { encodeMasks, masksText } from '../domain/masksFile.ts';
import { presetOf } from '../domain/presets.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { fakeDirectory } from './fakeDirectory.ts';
import { exportedMasks, importedMasks, type MaskHost } from './maskRequests.ts';
import { RunStore } from './runStore.ts';

const small: Experiment = {
  ...presetOf('snl-quick'),
  name: 'small',
  seed: 41,
  network: {
    family: 'cifar-resnet',
    blocks: [1],
    widths: [2],
    stemGate: false,
    inputShape: [3, 4, 4],
    classes: 10,
  },
};

function fileOf(network: NetworkSpec, experiment: unknown, dataset = 'synthetic'): string {
  const method = { name: 'snl', ...(experiment === undefined ? {} : { experiment }) };
  const described = { ...about, method, dataset: { ...about.dataset, name: dataset } };
  return masksText(encodeMasks({ about: described, accuracy, network, gates: {}, trained: {} }));
}

describe('importing masks', () => {
  let host: MaskHost;
  beforeEach(async () => {
    const store = await RunStore.open(fakeDirectory().handle);
    host = { store, data: () => Promise.reject(new Error('Importing reads no data.')) };
  });
  const imported = async (masks: string, fileName = 'my masks.json') => {
    const { run } = await importedMasks(host, { type: 'masks:import', masks, weights: null, fileName });
    return host.store.get(run);
  };

  it('takes the experiment that the file carries', async () => {
    const run = await imported(fileOf(small.network, small));
    expect(run.experiment).toEqual(small);
    expect(run).toMatchObject({ name: 'small (imported)', status: 'done', drelus: 64, testAccuracy: accuracy.test });
  });

  it('of a file from elsewhere takes network and data set, and its name', async () => {
    const run = await imported(fileOf(small.network, undefined, 'cifar-10'));
    expect(run.experiment.network).toEqual(small.network);
    expect(run.experiment.dataset.name).toBe('cifar-10');
    expect(run.name).toBe('my masks (imported)');
  });

  it('does not believe an experiment that is of another network than the masks', async () => {
    const other = { ...small, network: { ...small.network, widths: [3] } };
    const run = await imported(fileOf(small.network, other));
    expect(run.experiment.network).toEqual(small.network);
    expect(run.experiment.seed).not.toBe(small.seed);
    expect(run.name).toBe('my masks (imported)');
  });

  it('gives back the masks, and says that weights are missing where it has none', async () => {
    const { id } = await imported(fileOf(small.network, small));
    await expect(exportedMasks(host, id)).rejects.toThrow('imported without its weights');
  });

  it('refuses a network with fewer classes than its data set: the run could not be read back', async () => {
    const masks = fileOf({ ...small.network, classes: 5 }, undefined, 'cifar-10');
    await expect(imported(masks)).rejects.toThrow('cifar-10 has 10 classes, but the network 5');
    expect(await host.store.list()).toEqual([]);
  });

  it('keeps nothing of a file that is refused', async () => {
    const broken = fileOf(small.network, small).replace('layer1.0.gate2', 'layer9.0.gate2');
    await expect(imported(broken)).rejects.toThrow('layer9.0.gate2');
    expect(await host.store.list()).toEqual([]);
  });
});
