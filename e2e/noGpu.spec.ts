/** Without WebGPU: the page names what is missing and cannot train; everything that needs no GPU works. */
import { test } from '@playwright/test';
import { changeWorker, expect, Studio } from './studio.ts';

test('without WebGPU the page names what is missing and still counts', async ({ page }) => {
  await changeWorker(page, `Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined })`);
  const studio = new Studio(page);
  await studio.open();
  await expect(page.getByText('Training requires WebGPU')).toBeVisible();
  await expect(page.getByText('chrome://flags').first()).toBeVisible();
  await expect(studio.train).toHaveAttribute('aria-disabled', 'true');
  await studio.step('Network');
  await expect(page.getByText('61.4K').first()).toBeVisible();
  await studio.tab('Design');
  await expect(page.getByRole('tabpanel', { name: 'Design' })).toContainText('Stage widths');
  expect(studio.errors).toEqual([]);
});
