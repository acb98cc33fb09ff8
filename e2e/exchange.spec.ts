/**
 * Importing and exporting runs and weights: PyTorch checkpoints are recognized and evaluated; a run exported as one file
 * is the same run in another browser.
 */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { snlBriefly } from './experiments.ts';
import { expect, json, Studio, test, type NamedBytes } from './studio.ts';

const checkpoint = (name: string): NamedBytes => ({
  name,
  bytes: readFileSync(new URL(`../test/fixtures/checkpoints/${name}`, import.meta.url)),
});

/** Exports the run of the Masks tab in one format. */
async function exported(page: Page, format: RegExp): Promise<{ name: string; bytes: Uint8Array }> {
  await page.getByRole('button', { name: 'Export in another format' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: format }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('a PyTorch checkpoint with SNL masks is imported and evaluated; every format can be exported', async ({
  studio,
}) => {
  const { page } = studio;
  await studio.drop([checkpoint('snl.pth')]);
  const dialog = page.getByRole('dialog', { name: 'Import trained weights' });
  await expect(dialog).toContainText('blocks 1-2, widths 4-6, 10 classes, masks in 6 ReLU layers');
  // The masks tell whether a gate follows the stem and how large the images are.
  await expect(dialog.getByLabel('ReLU after the stem')).toHaveCount(0);
  await dialog.getByLabel('Data set').selectOption('synthetic');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByText(/test accuracy [\d.]+%, [\d,]+ images/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByLabel('Run', { exact: true })).toContainText('snl (imported)');

  const names: string[] = [];
  for (const format of [/^ONNX/, /^NumPy/, /^Gate list/, /^CSV/, /^Markdown/, /^LaTeX/]) {
    const { name, bytes } = await exported(page, format);
    expect(bytes.length).toBeGreaterThan(100);
    names.push(name);
  }
  expect(new Set(names.map((name) => name.replace(/\..*$/, '')))).toHaveProperty('size', 1);
  expect(names.map((name) => name.replace(/^[^.]*/, ''))).toEqual([
    '.onnx',
    '.masks.npz',
    '.gates.json',
    '.sites.csv',
    '.md',
    '.tex',
  ]);
  expect(studio.errors).toEqual([]);
});

test('dense weights: what they do not tell is asked, what differs is listed, what is hostile is refused', async ({
  studio,
}) => {
  const { page } = studio;
  await studio.drop([checkpoint('kuangliu-net-old.t7')]);
  const dialog = page.getByRole('dialog', { name: 'Import trained weights' });
  await expect(dialog.getByLabel('ReLU after the stem')).toBeChecked();
  await dialog.getByLabel('Mean per channel').fill('0.5, 0.5');
  await expect(dialog.getByText('3 numbers, separated by commas')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();

  await studio.drop([checkpoint('evil.pt')]);
  await expect(page.getByRole('alert').filter({ hasText: 'posix.system' })).toContainText('Nothing of it was run');
  expect(studio.errors).toEqual([]);
});

test('a run exported as one file is the same run in a fresh profile', async ({ studio, browser }) => {
  test.setTimeout(240_000);
  const { page } = studio;
  const name = 'To be carried';
  await studio.openFiles([json('experiment.json', snlBriefly(name, {}, 120))]);
  await expect(page.getByLabel('Name of the experiment')).toHaveValue(name);
  await studio.train.click();
  await expect(studio.status).toContainText(`Done · ${name}`, { timeout: 150_000 });
  await studio.tab('Masks');
  const first = await exported(page, /^Whole run/);
  expect(first.name).toMatch(/^To-be-carried-\w+\.relu-studio\.zip$/i);

  const context = await browser.newContext();
  const fresh = new Studio(await context.newPage());
  await fresh.open();
  await fresh.drop([first]);
  await expect(fresh.page.getByLabel('Run', { exact: true })).toContainText(name);
  // Byte for byte: masks, weights, experiment, curves, dates and accuracies.
  const second = await exported(fresh.page, /^Whole run/);
  expect(Buffer.from(second.bytes).equals(Buffer.from(first.bytes))).toBe(true);
  await fresh.tab('Runs');
  await expect(fresh.page.getByRole('table', { name: 'Runs' })).toContainText(name);
  expect(fresh.errors).toEqual([]);
  await context.close();
});
