/**
 * What comes of a run: its point in the Pareto plot, its masks site by site, its gates analysed and turned into prototype counts;
 * and the one-gate demonstration, which needs neither data nor a GPU.
 */
import { experimentSchema, type Experiment } from '../src/domain/experiment.ts';
import { deepshareMethod } from '../src/domain/methods/deepshare.ts';
import { DISTILLATION, quickPhase } from '../src/domain/phase.ts';
import { snlBriefly } from './experiments.ts';
import { expect, json, test } from './studio.ts';

const phase = (epochs: number) => ({ ...quickPhase(epochs, 0.03), batch: 16 });

/** SNL over sharing, prototypes chosen on the dense network's gates, the later gate of a block borrowing. */
function sharedBriefly(name: string): Experiment {
  const experiment = snlBriefly(name, {}, 200);
  const sharing = {
    ...deepshareMethod(0.5, 4, phase(1), phase(1)),
    choice: 'farthest',
    crossLayer: 'block',
    distillation: DISTILLATION,
  };
  return experimentSchema.parse({ ...experiment, methods: [sharing, ...experiment.methods] });
}

const number = (text: string) => Number(text.replaceAll(',', ''));

test('a finished run: Pareto point, masks, evaluation, gates, suggested prototypes', async ({ studio }) => {
  test.setTimeout(240_000);
  const { page } = studio;
  const name = 'Shared, briefly';
  await studio.openFiles([json('experiment.json', sharedBriefly(name))]);
  await expect(page.getByLabel('Name of the experiment')).toHaveValue(name);
  await studio.train.click();
  await expect(studio.status).toContainText(`Done · ${name}`, { timeout: 150_000 });

  await studio.tab('Pareto');
  const point = page.getByRole('button', { name: new RegExp(`^${name}.*DReLUs`) });
  await expect(point).toBeVisible();
  await point.focus();
  const tip = await page.locator('.pareto-tip').innerText();
  const drelus = number(/([\d,]+) DReLUs/.exec(tip)![1]);
  const csv = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the plot' }).click();
  await page.getByRole('menuitem', { name: 'Points as CSV' }).click();
  expect((await csv).suggestedFilename()).toBe('pareto-synthetic.csv');
  const svg = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the plot' }).click();
  await page.getByRole('menuitem', { name: 'Picture as SVG' }).click();
  expect((await svg).suggestedFilename()).toBe('pareto-synthetic.svg');

  await studio.tab('Masks');
  const sites = page.getByRole('list', { name: 'Gate sites' }).getByRole('button');
  await expect(sites).toHaveCount(16);
  const labels = await sites.evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
  const kept = labels.map((label) => number(/: ([\d,]+) of/.exec(label)![1]));
  expect(kept.reduce((sum, count) => sum + count, 0)).toBe(drelus);
  // The later gate of each block borrows: it computes no DReLU of its own.
  expect(kept.filter((_, i) => i % 2 === 1)).toEqual(Array(8).fill(0));
  await sites.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(sites.nth(1)).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('region', { name: 'Stage 1, block 1, gate 2' })).toContainText('borrow from');
  await page.getByRole('button', { name: 'Evaluate' }).click();
  await page.getByRole('menuitem', { name: 'On the test split' }).click();
  await expect(page.getByText(/test: [\d.]+% of 60 images/)).toBeVisible({ timeout: 60_000 });

  await studio.tab('Gates');
  await page.getByRole('tabpanel').getByLabel('Images', { exact: true }).fill('8');
  await page.getByRole('button', { name: 'Analyse' }).click();
  await expect(page.getByRole('group', { name: /^Effective dimension/ })).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Suggest ratios from this' }).click();
  await studio.step('Gates');
  await expect(page.getByRole('button', { name: 'Single sites: 16 set' })).toBeVisible();
  expect(studio.errors).toEqual([]);
});

test('one DReLU learns the quadrants by sharing; SNL stays at two parallel lines', async ({ studio }) => {
  const { page } = studio;
  await studio.tab('One gate');
  await page.getByRole('tabpanel').getByLabel('Seed', { exact: true }).fill('2');
  await expect(page.getByText('Solved, by one DReLU.')).toBeVisible();
  await expect(page.getByText(/Two parallel lines/).first()).toBeVisible();
  const accuracy = async (title: RegExp) =>
    Number(
      /right on ([\d.]+)%/.exec((await page.getByRole('img', { name: title }).getAttribute('aria-label')) ?? '')![1],
    );
  expect(await accuracy(/^Quadrants: Sharing/)).toBeGreaterThanOrEqual(98);
  expect(await accuracy(/^Quadrants: SNL/)).toBeLessThan(83.5);
  expect(await accuracy(/^Classic XOR: Sharing/)).toBe(100);
  expect(await accuracy(/^Classic XOR: SNL/)).toBe(100);
  expect(studio.errors).toEqual([]);
});
