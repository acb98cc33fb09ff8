/**
 * The results of a run: its point in the Pareto plot, its masks, its gate analysis and suggested prototype counts, and no
 * accessibility violations in the filled tabs; and the XOR demo, which needs neither data nor a GPU.
 */
import { experimentSchema, type Experiment } from '../src/domain/experiment.ts';
import { deepshareMethod } from '../src/domain/methods/deepshare.ts';
import { DISTILLATION, quickPhase } from '../src/domain/phase.ts';
import { violations } from './axe.ts';
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

test('a finished run: Pareto point, masks, evaluation, gate analysis, suggested prototypes, accessibility', async ({
  studio,
}) => {
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
  const tip = await page
    .getByRole('status')
    .filter({ hasText: /DReLUs/ })
    .first()
    .innerText();
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
  const sites = page.getByRole('list', { name: 'ReLU layers' }).getByRole('button');
  await expect(sites).toHaveCount(16);
  const labels = await sites.evaluateAll((buttons) => buttons.map((button) => button.textContent ?? ''));
  const kept = labels.map((label) => number(/: ([\d,]+) of/.exec(label)![1]));
  expect(kept.reduce((sum, count) => sum + count, 0)).toBe(drelus);
  // The later gate of each block shares the DReLUs of the first and computes none of its own.
  expect(kept.filter((_, i) => i % 2 === 1)).toEqual(Array(8).fill(0));
  await sites.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(sites.nth(1)).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('region', { name: 'Stage 1, block 1, gate 2' })).toContainText('share the DReLUs of');
  await page.getByRole('button', { name: 'Evaluate' }).click();
  await page.getByRole('menuitem', { name: 'On the test split' }).click();
  await expect(page.getByText(/test accuracy [\d.]+%, 60 images/)).toBeVisible({ timeout: 60_000 });

  await studio.tab('Gate analysis');
  await page.getByRole('tabpanel').getByLabel('Images', { exact: true }).fill('8');
  await page.getByRole('button', { name: 'Analyze' }).click();
  await expect(page.getByRole('group', { name: /^Effective dimension/ })).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Apply suggested ratios' }).click();
  await studio.step('Methods');
  await expect(page.getByRole('button', { name: 'Single layers: 16 set' })).toBeVisible();

  await page.getByRole('button', { name: 'Single layers: 16 set' }).click();
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      // Colours change in a transition, which takes its time on a processor that draws.
      await page.waitForTimeout(1000);
      for (const tab of ['Live', 'Pareto', 'Masks', 'Gate analysis', 'Runs']) {
        await studio.tab(tab);
        await page.waitForTimeout(300);
        expect.soft(await violations(page), `${tab}, ${colorScheme}, ${width} px`).toEqual([]);
      }
      // On narrow screens the table of runs scrolls: no column is dropped.
      const created = page.getByRole('columnheader', { name: 'Created' });
      await created.scrollIntoViewIfNeeded();
      await expect(created).toBeInViewport();
    }
  expect(studio.errors).toEqual([]);
});

test('one DReLU learns the quadrants by sharing; SNL stays at two parallel lines', async ({ studio }) => {
  const { page } = studio;
  await studio.tab('XOR demo');
  await page.getByRole('tabpanel').getByLabel('Seed', { exact: true }).fill('2');
  await expect(page.getByText('Solved with one DReLU.')).toBeVisible();
  await expect(page.getByText(/Two parallel lines/).first()).toBeVisible();
  const accuracy = async (title: RegExp) =>
    Number(
      /accuracy ([\d.]+)%/.exec((await page.getByRole('img', { name: title }).getAttribute('aria-label')) ?? '')![1],
    );
  expect(await accuracy(/^Quadrants: Sharing/)).toBeGreaterThanOrEqual(98);
  expect(await accuracy(/^Quadrants: SNL/)).toBeLessThan(83.5);
  expect(await accuracy(/^Classic XOR: Sharing/)).toBe(100);
  expect(await accuracy(/^Classic XOR: SNL/)).toBe(100);
  expect(studio.errors).toEqual([]);
});
