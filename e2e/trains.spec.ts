/**
 * The whole path: import data, train a narrow ResNet-18 with SNL to a budget, export the masks, and find the run after a reload.
 * Once with the built-in data, once with a CIFAR-10 shard where the shared folder is present.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { parseMasks } from '../src/domain/masksFile.ts';
import { SHARE, snlBriefly } from './experiments.ts';
import { expect, json, test, type Studio } from './studio.ts';

const SHARD = fileURLToPath(new URL('../../shared/data/cifar-10-batches-bin/data_batch_1.bin', import.meta.url));
const RECORD = 3073;

async function exportedMasks(page: Page): Promise<string> {
  const download = page.waitForEvent('download', (candidate) => candidate.suggestedFilename().endsWith('.json'));
  await page.getByRole('button', { name: 'Export masks' }).first().click();
  return readFileSync(await (await download).path(), 'utf8');
}

/** Trains the experiment to its end, exports, and checks the file against the budget, bit by bit. */
async function trainAndExport(studio: Studio, name: string): Promise<void> {
  const { page } = studio;
  await studio.train.click();
  await expect(studio.status).toContainText(`Done · ${name}`, { timeout: 120_000 });
  await studio.tab('Live');
  const text = await exportedMasks(page);
  const file = JSON.parse(text) as {
    metrics: { drelus: number };
    sites: { shape: number[]; kept: number; mask: { data: string } }[];
  };
  const neurons = file.sites.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const ones = file.sites.map(({ mask }) => {
    const bits = [...Buffer.from(mask.data, 'base64')].map((byte) => byte.toString(2).replaceAll('0', ''));
    return bits.join('').length;
  });
  expect(ones).toEqual(file.sites.map(({ kept }) => kept));
  const kept = ones.reduce((sum, count) => sum + count, 0);
  expect(kept).toBe(file.metrics.drelus);
  expect(kept).toBeLessThanOrEqual(neurons * SHARE);
  expect(kept).toBeGreaterThan(0);
  expect(() => parseMasks(text)).not.toThrow();
}

test('built-in data, no files: train, SNL to a budget, export, reload', async ({ studio }) => {
  test.setTimeout(180_000);
  const name = 'Built-in data, briefly';
  await studio.openFiles([json('experiment.json', snlBriefly(name, {}, 300))]);
  await expect(studio.page.getByLabel('Name of the experiment')).toHaveValue(name);
  await trainAndExport(studio, name);
  await studio.reload();
  await studio.tab('Runs');
  await expect(studio.page.getByRole('row', { name: new RegExp(name) })).toContainText(/done/i);
  expect(studio.errors).toEqual([]);
});

test('a CIFAR-10 shard: dropped, trained on, exported, found after a reload', async ({ studio }) => {
  if (!existsSync(SHARD)) {
    console.log('Skipped: training on real CIFAR-10 images (../shared/data/cifar-10-batches-bin is absent).');
    test.skip();
  }
  test.setTimeout(180_000);
  const records = readFileSync(SHARD).subarray(0, 260 * RECORD);
  const { page } = studio;
  await studio.drop([
    { name: 'data_batch_1.bin', bytes: records.subarray(0, 200 * RECORD) },
    { name: 'test_batch.bin', bytes: records.subarray(200 * RECORD) },
  ]);
  await expect(studio.reports).toHaveText([
    /data_batch_1\.bin: 200 images, cifar-10, training/i,
    /test_batch\.bin: 60 images, cifar-10, test/i,
  ]);
  const name = 'Real shard, briefly';
  await studio.openFiles([
    json('experiment.json', snlBriefly(name, { name: 'cifar-10', trainImages: null, testImages: null }, 200)),
  ]);
  await trainAndExport(studio, name);
  await studio.reload();
  await studio.step('Data');
  await expect(page.getByText(/200 training, 60 test/)).toBeVisible();
  await studio.tab('Runs');
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText(/done/i);
  expect(studio.errors).toEqual([]);
});
