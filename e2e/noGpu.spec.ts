/** Without WebGPU the page says what brings it, cannot train, and everything that needs no GPU still works. */
import { expect, Studio } from './studio.ts';
import { test } from '@playwright/test';

test('without WebGPU the page says so and still counts', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
  });
  // Workers have a navigator of their own, which init scripts do not reach.
  await page.addInitScript(() => {
    const Real = globalThis.Worker;
    globalThis.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        const source = `Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined }); await import(${JSON.stringify(new URL(url, location.href).href)});`;
        super(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), options);
      }
    };
  });
  const studio = new Studio(page);
  await studio.open();
  await expect(page.getByText('No training here without WebGPU')).toBeVisible();
  await expect(page.getByText('chrome://flags').first()).toBeVisible();
  await expect(studio.train).toHaveAttribute('aria-disabled', 'true');
  await studio.step('Network');
  await expect(page.getByText('61.4K').first()).toBeVisible();
  await studio.tab('Design');
  await expect(page.getByRole('tabpanel').first()).not.toBeEmpty();
  expect(studio.errors).toEqual([]);
});
