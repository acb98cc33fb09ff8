/** Runs and weights in and out of the run library. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseMasks } from '../domain/masksFile.ts';
import { readSafetensors } from '../engine/weights.ts';
import { examinedWeights, exportedRun, importedArchive, importedWeights } from './exchange.ts';
import { fakeDirectory } from './fakeDirectory.ts';
import { exportedMasks } from './maskRequests.ts';
import type { RunHistory } from './protocol.ts';
import { RunStore } from './runStore.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/checkpoints/', import.meta.url));
const bytesOf = (name: string) => new Uint8Array(readFileSync(`${fixtures}${name}`));
const fileOf = (name: string, bytes: Uint8Array<ArrayBuffer> = bytesOf(name)) => new File([bytes], name);

const history = {
  phases: [{ epochs: 1, method: null, kind: 'dense', title: 'Dense', id: 'dense', stepsPerEpoch: 3 }],
  steps: [{ step: 3, phase: 'dense', epoch: 0, loss: 1.5, accuracy: 0.25, drelus: 10 }],
  epochs: [{ phase: 'dense', epoch: 0, step: 3, seconds: 2, drelus: 10 }],
  switches: [],
  warnings: ['a warning'],
} as unknown as RunHistory;

let store: RunStore;
beforeEach(async () => {
  store = await RunStore.open(fakeDirectory().handle);
});

async function imported(name: string): Promise<string> {
  const file = fileOf(name);
  const { network, dataset, normalisation } = await examinedWeights(file);
  return (await importedWeights(store, { type: 'weights:import', file, network, dataset, ...normalisation[dataset] }))
    .run;
}

describe('trained weights', () => {
  it('are examined: network, what they leave open, data set', async () => {
    const examined = await examinedWeights(fileOf('kuangliu-net.pth'));
    expect(examined).toMatchObject({ dataset: 'cifar-10', differences: [], refused: false });
    expect(examined.network).toMatchObject({ blocks: [1, 2], widths: [4, 6], stemGate: true });
    expect(examined.assumptions.map(({ about }) => about)).toEqual(['inputSize', 'stemGate']);
  });

  it('are kept as a run with the normalization that was chosen', async () => {
    const file = fileOf('torchvision.pt');
    const { network } = await examinedWeights(file);
    const [mean, std] = [
      [0.1, 0.2, 0.3],
      [0.4, 0.5, 0.6],
    ];
    const choice = { file, network: { ...network, stemGate: false }, dataset: 'cifar-10', mean, std } as const;
    const { run } = await importedWeights(store, { type: 'weights:import', ...choice });
    const { masks, weights } = await store.result(run);
    expect(parseMasks(masks).about.dataset).toMatchObject({ name: 'cifar-10', mean, std });
    expect(await store.get(run)).toMatchObject({
      name: 'torchvision (imported)',
      status: 'done',
      drelus: 4 * 1024 * 2 + 6 * 256 * 4,
    });
    const expected = readSafetensors(bytesOf('weights-torchvision.safetensors')).tensors;
    const found = readSafetensors(weights!).tensors;
    for (const [name, { data }] of expected) expect(found.get(name)!.data).toEqual(data);
  });

  it('of a hostile checkpoint leave the library as it was', async () => {
    await expect(examinedWeights(fileOf('evil.pt'))).rejects.toThrow(/posix\.system/);
    expect(await store.list()).toEqual([]);
  });
});

describe('a run as one file', () => {
  it('is the run again in a fresh library: curves, masks, dates, accuracies', async () => {
    const run = await imported('snl.pth');
    await store.saveHistory(run, history);
    await store.save({ ...(await store.get(run)), name: 'Mine', seconds: 12, createdAt: '2026-11-20T01:02:03.000Z' });
    const bytes = new Uint8Array(await exportedRun(store, run, 'zip'));

    const fresh = await RunStore.open(fakeDirectory().handle);
    const { run: again } = await importedArchive(fresh, fileOf('Mine.relu-studio.zip', bytes));
    const { id: _, ...before } = await store.get(run);
    const { id, ...after } = await fresh.get(again);
    expect(id).toBe(again);
    expect(after).toEqual(before);
    expect(await fresh.result(again)).toEqual(await store.result(run));
    expect(await fresh.history(again)).toEqual(history);
    expect(Buffer.from(await exportedRun(fresh, again, 'zip')).equals(Buffer.from(bytes))).toBe(true);
  });

  it('that was changed is refused, and the library stays as it was', async () => {
    const run = await imported('snl.pth');
    const bytes = new Uint8Array(await exportedRun(store, run, 'zip'));
    bytes[bytes.length >> 1] ^= 16;
    await expect(importedArchive(store, fileOf('a.relu-studio.zip', bytes))).rejects.toThrow(/damaged/);
    expect(await store.list()).toHaveLength(1);
  });
});

it('masks.json names its weights as they are exported', async () => {
  const run = await imported('snl.pth');
  const open = { store, data: () => Promise.reject(new Error('Exporting reads no data.')) };
  const { masks, weights } = await exportedMasks(open, run, 'mine-1234.safetensors');
  const { file, sha256 } = parseMasks(masks).about.weights;
  expect(file).toBe('mine-1234.safetensors');
  const digest = await crypto.subtle.digest('SHA-256', weights as Uint8Array<ArrayBuffer>);
  expect(Buffer.from(digest).toString('hex')).toBe(sha256);
});
