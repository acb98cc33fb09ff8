/**
 * Tiny-ImageNet by drag and drop: the zip archive as published (a sample of it, where the shared folder is at hand), trained at 64×64,
 * SNL to a budget, exported, found again after a reload; and what a damaged archive is answered with.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseMasks } from '../src/domain/masksFile.ts';
import { SHARE, snlBriefly } from './experiments.ts';
import { expect, json, test } from './studio.ts';

const SAMPLE = fileURLToPath(new URL('../../shared/data/archives/tiny-imagenet-sample.zip', import.meta.url));

test('a sample of Tiny-ImageNet: dropped, trained on at 64×64, exported, found again', async ({ studio }) => {
  test.skip(!existsSync(SAMPLE), 'Tiny-ImageNet sample (../shared/data/archives) is absent.');
  test.setTimeout(240_000);
  const { page } = studio;
  const bytes = readFileSync(SAMPLE);
  await studio.drop([{ name: 'tiny-imagenet-200.zip', bytes }]);
  await expect(studio.reports).toHaveText([/tiny-imagenet-200\.zip: 800 images, Tiny-ImageNet, training and test/i]);

  const name = 'Tiny-ImageNet, briefly';
  const experiment = snlBriefly(name, { name: 'tiny-imagenet', trainImages: 80, testImages: 40 }, 80);
  const network = { ...experiment.network, widths: [2, 4, 8, 16], inputShape: [3, 64, 64], classes: 10 };
  await studio.openFiles([json('experiment.json', { ...experiment, network })]);
  await studio.train.click();
  await expect(studio.status).toContainText(`Done · ${name}`, { timeout: 180_000 });
  await studio.tab('Live');
  const download = page.waitForEvent('download', (candidate) => candidate.suggestedFilename().endsWith('.json'));
  await page.getByRole('button', { name: 'Export masks' }).first().click();
  const masks = parseMasks(readFileSync(await (await download).path(), 'utf8'));
  expect(masks.network.inputShape).toEqual([3, 64, 64]);
  // 16 layers, those of a stage alike: 4 × (2·64² + 4·32² + 8·16² + 16·8²) neurons.
  expect(masks.counts.total.drelus).toBeLessThanOrEqual(SHARE * 4 * (2 * 4096 + 4 * 1024 + 8 * 256 + 16 * 64));
  expect(masks.counts.total.drelus).toBeGreaterThan(0);

  await studio.reload();
  await studio.step('Data');
  await expect(page.getByText(/600 training, 200 test/)).toBeVisible();
  await studio.tab('Runs');
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText(/done/i);
  expect(studio.errors).toEqual([]);
});

test('an archive of Tiny-ImageNet that is cut off is refused in one sentence and leaves nothing', async ({
  studio,
}) => {
  test.skip(!existsSync(SAMPLE), 'Tiny-ImageNet sample (../shared/data/archives) is absent.');
  const bytes = readFileSync(SAMPLE);
  await studio.drop([{ name: 'tiny-imagenet-200.zip', bytes: bytes.subarray(0, bytes.length - 5000) }]);
  await expect(studio.reports).toHaveText([/tiny-imagenet-200\.zip: the zip archive is cut off or damaged/]);
  await studio.reload();
  await studio.step('Data');
  await expect(studio.page.getByText(/600 training/)).toHaveCount(0);
  expect(studio.errors).toEqual([]);
});
