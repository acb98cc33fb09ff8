/**
 * The Design tab: the equalizer's four networks, the order changed by keyboard, linked widths and multipliers, a drawing that
 * follows the slider by the next frame, latency settings that survive a reload, and no accessibility violations.
 */
import type { Page } from '@playwright/test';
import { presetOf } from '../src/domain/presets.ts';
import { violations } from './axe.ts';
import { expect, json, test, type Studio } from './studio.ts';

/** Opens the quick preset, a ResNet-18 with m = 8. */
async function openQuick(studio: Studio): Promise<void> {
  await studio.openFiles([json('experiment.json', presetOf('snl-quick'))]);
  await expect(studio.page.getByLabel('Name of the experiment')).toHaveValue('SNL quick');
}

/** Chooses an option of a segmented control. */
const choose = (page: Page, name: string) => page.locator('label', { hasText: new RegExp(`^${name}$`) }).click();

test('the equalizer finds the four networks, and one click uses one', async ({ studio }) => {
  const { page } = studio;
  await openQuick(studio);
  await studio.step('Network');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  await expect(column.getByText('The ReLU counts do not follow the order of criticality')).toBeVisible();
  await expect(column.getByText(/requires αβγ\s>\s64/)).toBeVisible();

  await studio.tab('Design');
  const table = page.getByRole('region', { name: 'Solutions of the equalizer' });
  const solutions = table.locator('tbody tr');
  await expect(solutions).toHaveCount(4);
  for (const [i, name] of ['5-5-3', '5-7-2', '6-6-2', '7-5-2'].entries())
    await expect(solutions.nth(i)).toContainText(name);
  await expect(page.getByText('requires β > 4, βγ < 16, αβγ > 64. 4 solutions.')).toBeVisible();

  await page.getByRole('button', { name: 'Use 7-5-2' }).click();
  await expect(page.getByRole('button', { name: '7-5-2 is in use' })).toBeVisible();
  await expect(column.getByLabel('Channels of stage 4', { exact: true })).toHaveValue('560');
  await expect(column.getByText('The ReLU counts follow the order of criticality')).toBeVisible();

  await table.getByRole('button', { name: 'MACs' }).click();
  await table.getByRole('button', { name: 'MACs' }).click();
  await expect(solutions.first()).toContainText('6-6-2');

  // A click on a point of the plot uses that network: BaseCh's second, m = 16.
  await page.locator('.recharts-scatter').first().locator('.recharts-scatter-symbol').nth(1).click();
  await expect(column.getByLabel('Channels of stage 4', { exact: true })).toHaveValue('128');

  // Another order by keyboard: moving S2 to the front requires other widths, and the moved chip keeps the focus.
  const chip = page.getByRole('button', { name: /stage 2, place/ });
  await chip.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(chip).toBeFocused();
  await expect(chip).toHaveAccessibleName(/place 1 of 4/);
  await expect(page.getByText(/S2 > S3 > S4 > S1 for φ = 2, 2, 2, 2 requires/)).toBeVisible();
  await expect(solutions.first()).not.toContainText('5-5-3');
  await page.getByRole('button', { name: 'Published order' }).click();
  await expect(solutions).toHaveCount(4);
  expect(await violations(page)).toEqual([]);
  expect(studio.errors).toEqual([]);
});

test('multipliers and widths are linked, and the drawing follows by the next frame', async ({ studio }) => {
  const { page } = studio;
  await openQuick(studio);
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

test('latency settings change every latency and survive a reload', async ({ studio }) => {
  const { page } = studio;
  await studio.tab('Design');
  await choose(page, 'Latency');
  const offline = page.getByRole('row', { name: /^Offline/ });
  const before = await offline.innerText();
  await page.getByRole('group', { name: 'Latency settings' }).getByLabel('Download', { exact: true }).fill('50');
  await expect(offline).not.toHaveText(before);
  await page.getByText('Sources and constants').click();
  await expect(page.getByText('17,072 B')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await studio.reload();
  await expect(
    page.getByRole('group', { name: 'Latency settings' }).getByLabel('Download', { exact: true }),
  ).toHaveValue('50');
  await choose(page, 'Criticality');
  await expect(page.getByText('Not measured yet')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(studio.errors).toEqual([]);
});
