/**
 * Designing a network needs no training: the equalizer's four networks, an order changed by keys, widths and multipliers linked,
 * a drawing that follows the slider by the next frame, latency settings that stay, and every part usable by everyone (axe).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';
import { expect, test } from './studio.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** Of a segmented control. */
const choose = (page: Page, name: string) => page.locator('label', { hasText: new RegExp(`^${name}$`) }).click();

test('the equalizer finds the four networks, and one click uses one', async ({ studio }) => {
  const { page } = studio;
  await studio.step('Network');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  await expect(column.getByText('ReLUs do not stand in the order of criticality')).toBeVisible();
  await expect(column.getByText(/needs αβγ\s>\s64/)).toBeVisible();

  await studio.tab('Design');
  const table = page.getByRole('region', { name: 'Solutions of the equalizer' });
  const solutions = table.locator('tbody tr');
  await expect(solutions).toHaveCount(4);
  for (const [i, name] of ['5-5-3', '5-7-2', '6-6-2', '7-5-2'].entries())
    await expect(solutions.nth(i)).toContainText(name);
  await expect(page.getByText('asks for β > 4, βγ < 16, αβγ > 64. 4 solutions.')).toBeVisible();

  await page.getByRole('button', { name: 'Use 7-5-2' }).click();
  await expect(page.getByRole('button', { name: '7-5-2 is in use' })).toBeVisible();
  await expect(column.getByLabel('Channels of stage 4', { exact: true })).toHaveValue('560');
  await expect(column.getByText('ReLUs stand in the order of criticality')).toBeVisible();

  await table.getByRole('button', { name: 'MACs' }).click();
  await table.getByRole('button', { name: 'MACs' }).click();
  await expect(solutions.first()).toContainText('6-6-2');

  // A click on a point of the plot uses that network: BaseCh's second, m = 16.
  await page.locator('.recharts-scatter').first().locator('.recharts-scatter-symbol').nth(1).click();
  await expect(column.getByLabel('Channels of stage 4', { exact: true })).toHaveValue('128');

  // Another order by keyboard: S2 to the front asks for other widths, and focus stays on the chip that moved.
  const chip = page.getByRole('button', { name: /stage 2, place/ });
  await chip.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(chip).toBeFocused();
  await expect(chip).toHaveAccessibleName(/place 1 of 4/);
  await expect(page.getByText(/S2 > S3 > S4 > S1 for φ = 2, 2, 2, 2 asks for/)).toBeVisible();
  await expect(solutions.first()).not.toContainText('5-5-3');
  await page.getByRole('button', { name: 'Published order' }).click();
  await expect(solutions).toHaveCount(4);
  expect(await violations(page)).toEqual([]);
  expect(studio.errors).toEqual([]);
});

test('multipliers and widths move together, and the drawing by the next frame', async ({ studio }) => {
  const { page } = studio;
  await studio.step('Network');
  await studio.tab('Design');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  const slider = column.getByRole('slider', { name: /^α/ });
  await column.getByLabel('Channels of stage 2', { exact: true }).fill('24');
  await expect(slider).toHaveAttribute('aria-valuenow', '3');

  await slider.focus();
  const seen = await slider.evaluate(async (element) => {
    const frame = () => new Promise<void>((done) => requestAnimationFrame(() => done()));
    const stage = () => document.querySelector('[data-stage="2"]')?.textContent ?? '';
    const texts: string[] = [];
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft']) {
      element.dispatchEvent(new KeyboardEvent('keydown', { key, code: key, bubbles: true }));
      await frame();
      texts.push(stage());
    }
    return texts;
  });
  expect(seen.map((text) => /2(\d+) × 16 × 16/.exec(text)?.[1])).toEqual(['28', '32', '28']);
  await expect(column.getByLabel('Channels of stage 2', { exact: true })).toHaveValue('28');
  expect(studio.errors).toEqual([]);
});

test('latency settings change every latency and stay after a reload', async ({ studio }) => {
  const { page } = studio;
  await studio.tab('Design');
  await choose(page, 'Latency');
  const offline = page.getByRole('row', { name: /^Offline/ });
  const before = await offline.innerText();
  await page.getByRole('group', { name: 'Latency settings' }).getByLabel('Down', { exact: true }).fill('50');
  await expect(offline).not.toHaveText(before);
  await page.getByText('Sources and constants').click();
  await expect(page.getByText('17,072 B')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await studio.reload();
  await expect(page.getByRole('group', { name: 'Latency settings' }).getByLabel('Down', { exact: true })).toHaveValue(
    '50',
  );
  await choose(page, 'Criticality');
  await expect(page.getByText('Not measured yet')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(studio.errors).toEqual([]);
});
