/** Importing data: a dropped folder, files that do not say train or test, archives, removal and undo. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cifar10, cifar100, gzip, joinBytes, tar } from '../src/data/testing.ts';
import { expect, test } from './studio.ts';

test('a folder is read recursively, and files without data are skipped', async ({ studio }) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'relu-studio-')), 'cifar');
  mkdirSync(join(folder, 'test'), { recursive: true });
  writeFileSync(join(folder, 'data_batch_1.bin'), cifar10(30, 1));
  writeFileSync(join(folder, 'test', 'shard.bin'), cifar10(20, 2));
  writeFileSync(join(folder, 'readme.html'), '<html></html>');
  await studio.dropPaths([folder]);
  await expect(studio.page.getByRole('radio', { name: /^CIFAR-10$/ })).toBeChecked();
  await expect(studio.reports).toHaveText([
    /cifar\/data_batch_1\.bin: 30 images, CIFAR-10, training/,
    /cifar\/test\/shard\.bin: 20 images, CIFAR-10, test/,
  ]);
  expect(studio.errors).toEqual([]);
});

test('the page asks whether a shard is for training or test, alone and inside an archive', async ({ studio }) => {
  const { page } = studio;
  await studio.chooseData([{ name: 'shard.bin', bytes: cifar10(25, 3) }]);
  await expect(page.getByText('This file does not say whether it contains training or test images')).toBeVisible();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(studio.reports).toHaveText([/shard\.bin: 25 images, CIFAR-10, test/]);

  const archive = await gzip(
    tar([
      { name: 'x/train.bin', data: cifar10(40, 4) },
      { name: 'x/more.bin', data: cifar10(35, 5) },
    ]),
  );
  await studio.chooseData([{ name: 'mine.tar.gz', bytes: archive }]);
  await page.getByRole('button', { name: 'Training', exact: true }).click();
  await expect(studio.reports.filter({ hasText: 'mine.tar.gz' })).toHaveText([
    /x\/more\.bin: 35 images, CIFAR-10, training/,
    /x\/train\.bin: 40 images, CIFAR-10, training/,
  ]);
  await expect(page.getByText(/75 training, 25 test/)).toBeVisible();
  expect(studio.errors).toEqual([]);
});

test('several data sets are kept; removing one can be undone', async ({ studio }) => {
  const { page } = studio;
  await studio.chooseData([{ name: 'train.bin', bytes: cifar10(30, 6) }]);
  await expect(page.getByText(/30 training, 0 test/)).toBeVisible();
  await studio.chooseData([{ name: 'train100.bin', bytes: cifar100(45, 7) }]);
  await expect(page.getByText(/45 training, 0 test/)).toBeVisible();
  // The experiment changes to the imported data set.
  await expect(page.getByRole('radio', { name: /^CIFAR-100/ })).toBeChecked();
  await expect(page.getByRole('alert').filter({ hasText: 'now trains on CIFAR-100' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove CIFAR-100' }).click();
  await expect(page.getByText(/45 training, 0 test/)).toBeHidden();
  const removed = page.getByRole('alert').filter({ hasText: 'Removed' });
  await removed.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByText(/45 training, 0 test/)).toBeVisible();
  await page.getByRole('button', { name: 'Remove CIFAR-100' }).click();
  await expect(page.getByText(/45 training, 0 test/)).toBeHidden();
  await studio.reload();
  await studio.step('Data');
  await expect(page.getByText(/30 training, 0 test/)).toBeVisible();
  await expect(page.getByText(/45 training, 0 test/)).toBeHidden();
  expect(studio.errors).toEqual([]);
});

test('a folder of pictures is refused with one sentence', async ({ studio }) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'relu-studio-')), 'pictures');
  mkdirSync(folder);
  for (const name of ['a.jpg', 'b.jpg']) writeFileSync(join(folder, name), joinBytes([0xff, 0xd8, 0xff, 0xe0]));
  await studio.dropPaths([folder]);
  await expect(studio.reports).toHaveText([/^pictures: these 2 files hold 2 pictures/]);
});
