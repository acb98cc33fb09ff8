/** Typing, keyboard and focus: number fields, shortcuts, undo from notifications, plots by arrow keys, and narrow screens. */
import { denseLong, snlBriefly } from './experiments.ts';
import { expect, json, Studio, test } from './studio.ts';

test('number fields accept pasted numbers and end at allowed values', async ({ studio }) => {
  const { page } = studio;
  await studio.step('Methods');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  await column.getByText('Number', { exact: true }).click();
  const budget = column.getByLabel('Budget, DReLUs');
  await budget.fill('15,360 DReLUs');
  await budget.press('Tab');
  await expect(budget).toHaveValue('15360');

  await studio.step('Training');
  const padding = column.getByLabel('Crop padding');
  await padding.fill('500');
  await expect(column.getByText('Maximum: 16.')).toBeVisible();
  await padding.press('Tab');
  await expect(padding).toHaveValue('16');
  await expect(column.getByText('Set to the maximum, 16.')).toBeVisible();
  await padding.fill('many');
  await padding.press('Tab');
  await expect(padding).toHaveValue('16');
  await expect(column.getByText('Invalid: kept 16.')).toBeVisible();

  const rate = column.getByRole('group', { name: 'Dense training' }).getByLabel('Learning rate');
  await rate.fill('0,5');
  await page.keyboard.press('Tab');
  await expect(rate).toHaveValue('0.5');
  await page.locator('body').click({ position: { x: 900, y: 500 } });
  await page.keyboard.press('Control+z');
  await expect(rate).not.toHaveValue('0.5');
  expect(studio.errors).toEqual([]);
});

test('the run button keeps the focus, and the title shows the progress', async ({ studio }) => {
  test.setTimeout(120_000);
  const { page, status } = studio;
  await studio.openFiles([json('experiment.json', denseLong('Followed'))]);
  await studio.train.focus();
  await page.keyboard.press('Enter');
  await expect(status).toContainText('images/s', { timeout: 60_000 });
  await expect(page).toHaveTitle(/^Dense training, epoch \d+ · Followed · ReLU Studio$/);
  const pause = page.getByRole('button', { name: 'Pause' });
  await expect(pause).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(status).toContainText('Paused');
  await expect(page.getByRole('button', { name: 'Resume' })).toBeFocused();
  await expect(page).toHaveTitle(/^Paused: Dense training/);

  // Leaving asks for confirmation.
  const asked = page.waitForEvent('dialog');
  const leaving = page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await leaving;

  const stop = page.getByRole('button', { name: 'Stop' });
  await stop.focus();
  await page.keyboard.press('Enter');
  await expect(status).toContainText('Stopped');
  await expect(studio.train).toBeFocused();
  await expect(page).toHaveTitle(/^Stopped/);
  expect(studio.errors).toEqual([]);
});

test('exported masks are imported, evaluated and finetuned, and undo restores the experiment', async ({ studio }) => {
  test.setTimeout(180_000);
  const { page, status } = studio;
  const name = 'Exported and imported';
  await studio.openFiles([json('experiment.json', snlBriefly(name, {}, 200))]);
  await studio.train.click();
  await expect(status).toContainText(`Done · ${name}`, { timeout: 120_000 });
  const files: { name: string; bytes: Uint8Array }[] = [];
  page.on('download', (download) => {
    void download.createReadStream().then(async (stream) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      files.push({ name: download.suggestedFilename(), bytes: Buffer.concat(chunks) });
    });
  });
  await page.getByRole('button', { name: 'Export masks' }).click();
  await expect.poll(() => files.length).toBe(2);

  await studio.openFiles(files);
  const run = page.getByRole('tabpanel').getByLabel('Run', { exact: true });
  await expect(run.locator('option:checked')).toHaveText(/Exported and imported \(imported\)/);
  for (const part of ['test', 'validation']) {
    await page.getByRole('button', { name: 'Evaluate' }).click();
    await page.getByRole('menuitem', { name: `On the ${part} split` }).click();
    await expect(page.getByText(new RegExp(`${part} accuracy [\\d.]+%, \\d+ images`))).toBeVisible({ timeout: 60_000 });
  }
  await page.getByRole('button', { name: 'Finetune from this' }).click();
  await expect(page.getByLabel('Name of the experiment')).toHaveValue(/finetuned/);
  await expect(status).toContainText(/Done · .*finetuned/, { timeout: 60_000 });
  // The Undo belongs to the finetuning, although the seed was edited since.
  await studio.step('Training');
  await page.getByRole('navigation', { name: 'Experiment' }).getByLabel('Seed', { exact: true }).fill('77');
  const offer = page.getByRole('alert').filter({ hasText: 'now finetunes' });
  if (await offer.isVisible()) await offer.getByRole('button', { name: 'Undo' }).click();
  else await page.getByRole('button', { name: 'Undo (Ctrl Z)' }).dblclick();
  await expect(page.getByLabel('Name of the experiment')).not.toHaveValue(/finetuned/);
  expect(studio.errors).toEqual([]);
});

test('the Undo of a notification undoes its own change and restores the saved mark', async ({ studio }) => {
  const { page } = studio;
  const name = page.getByLabel('Name of the experiment');
  const before = await name.inputValue();
  await studio.openFiles([json('experiment.json', denseLong('Opened'))]);
  await expect(name).toHaveValue('Opened');
  await studio.step('Training');
  const seed = page.getByRole('navigation', { name: 'Experiment' }).getByLabel('Seed', { exact: true });
  await seed.fill('41');
  await page
    .getByRole('alert')
    .filter({ hasText: 'Opened experiment.json' })
    .getByRole('button', { name: 'Undo', exact: true })
    .click();
  await expect(name).toHaveValue(before);
  await expect(page.getByText('not saved')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(name).toHaveValue('Opened');
  await expect(seed).toHaveValue('41');
  expect(studio.errors).toEqual([]);
});

test('Space scrolls a focused table instead of training, and single-key shortcuts can be switched off', async ({
  studio,
}) => {
  const { page, status } = studio;
  await studio.tab('Pareto');
  await page.getByRole('button', { name: 'Show Accuracy over DReLUs as a table' }).click();
  const table = page.getByRole('region', { name: 'Accuracy over DReLUs, table' });
  // The published results are loaded a moment after the page.
  await expect.poll(() => table.getByRole('row').count()).toBeGreaterThan(20);
  await table.focus();
  await page.keyboard.press('Space');
  await expect.poll(() => table.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  await expect(status).toContainText('Ready');

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await help.getByRole('switch', { name: 'Single-key shortcuts' }).click();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.reload();
  await studio.ready();
  for (const key of ['Space', '4', '?']) await page.keyboard.press(key);
  await expect(page.getByRole('tab', { name: 'Pareto' })).toHaveAttribute('aria-selected', 'true');
  await expect(help).toBeHidden();
  await expect(status).toContainText('Ready');
  // Shortcuts with Ctrl still work, and the help has a button.
  await page.getByRole('button', { name: /^Help/ }).click();
  await expect(help).toBeVisible();
  expect(studio.errors).toEqual([]);
});

test('the arrow keys move between the points of the plot of networks', async ({ studio }) => {
  const { page } = studio;
  await studio.step('Network');
  await studio.tab('Design');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  await page
    .getByRole('button', { name: /^Use BaseCh/ })
    .first()
    .focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(column.getByLabel('Channels of stage 4', { exact: true })).toHaveValue('128');
  await page.getByRole('button', { name: 'Show FLOPs over ReLUs as a table' }).click();
  await expect(page.getByRole('region', { name: 'FLOPs over ReLUs, table' }).getByRole('row').nth(2)).toContainText(
    'BaseCh',
  );
  expect(studio.errors).toEqual([]);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test('a closed drawer cannot be focused, Escape closes an open one, and imported files open it', async ({ page }) => {
    const studio = new Studio(page);
    await studio.open();
    const step = page.getByRole('button', { name: /^1 Data/ });
    await expect(step).toBeHidden();
    await page.getByRole('button', { name: 'Open the experiment' }).click();
    await expect(step).toBeVisible();
    await step.focus();
    await page.keyboard.press('Escape');
    await expect(step).toBeHidden();
    await expect(page.getByRole('button', { name: 'Open the experiment' })).toBeFocused();
    // Reports on dropped files are in the drawer, so it opens.
    await page.setViewportSize({ width: 800, height: 800 });
    await studio.drop([{ name: 'empty.bin', bytes: new Uint8Array() }]);
    await expect(studio.reports).toContainText(/empty\.bin/);
    await expect(studio.reports.first()).toBeVisible();
    expect(studio.errors).toEqual([]);
  });
});
