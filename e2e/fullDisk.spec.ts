/** A full disk: the data set is refused with one sentence, and the page keeps working. */
import { test } from '@playwright/test';
import { cifar10 } from '../src/data/testing.ts';
import { changeWorker, expect, Studio } from './studio.ts';

test('data that do not fit are refused, and the built-in data can still be used', async ({ page }) => {
  await changeWorker(page, 'FileSystemSyncAccessHandle.prototype.write = () => 0');
  const studio = new Studio(page);
  await studio.open();
  await studio.chooseData([{ name: 'train.bin', bytes: cifar10(40) }]);
  await expect(studio.reports).toContainText([/train\.bin: .*not enough space.*Remove a data set or free space/]);
  await expect(page.getByText('Drop its files anywhere on the page').first()).toBeVisible();
  await expect(studio.train).not.toHaveAttribute('aria-disabled', 'true');
  expect(studio.errors).toEqual([]);
});
