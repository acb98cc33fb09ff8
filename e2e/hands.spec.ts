/**
 * The studio in the hands of someone who types, pastes, tabs and leaves: number fields that forgive, a keyboard that never loses its
 * place, plots that can be walked through, and a run that follows one into another tab.
 */
import { denseLong, snlBriefly } from './experiments.ts';
import { expect, json, Studio, test } from './studio.ts';

test('number fields take what is pasted, and end at what is allowed', async ({ studio }) => {
  const { page } = studio;
  await studio.step('Gates');
  const column = page.getByRole('navigation', { name: 'Experiment' });
  await column.getByText('Number', { exact: true }).click();
  const budget = column.getByLabel('Budget, DReLUs');
  await budget.fill('15,360 DReLUs');
  await budget.press('Tab');
  await expect(budget).toHaveValue('15360');

  await studio.step('Training');
  const padding = column.getByLabel('Crop padding');
  await padding.fill('500');
  await expect(column.getByText('At most 16.')).toBeVisible();
  await padding.press('Tab');
  await expect(padding).toHaveValue('16');
  await expect(column.getByText('16 is the most.')).toBeVisible();
  await padding.fill('many');
  await padding.press('Tab');
  await expect(padding).toHaveValue('16');
  await expect(column.getByText('16 stays.')).toBeVisible();

  const rate = column.getByRole('group', { name: 'Dense training' }).getByLabel('Learning rate');
  await rate.fill('0,5');
  await expect(column.getByText('Decimals take a point: 0.5.')).toBeVisible();
  await rate.fill('0.5');
  await page.keyboard.press('Tab');
  await page.locator('body').click({ position: { x: 900, y: 500 } });
  await page.keyboard.press('Control+z');
  await expect(rate).not.toHaveValue('0.5');
  expect(studio.errors).toEqual([]);
});

test('the keyboard stays on the run’s button, and the title follows the run', async ({ studio }) => {
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

  // Leaving asks first.
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

test('masks out and in again: evaluated with progress, finetuned from, and the experiment had back', async ({
  studio,
}) => {
  test.setTimeout(180_000);
  const { page, status } = studio;
  const name = 'There and back';
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
  await expect(run.locator('option:checked')).toHaveText(/There and back \(imported\)/);
  for (const part of ['test', 'validation']) {
    await page.getByRole('button', { name: 'Evaluate' }).click();
    await page.getByRole('menuitem', { name: `On the ${part} split` }).click();
    await expect(page.getByText(new RegExp(`${part}: [\\d.]+% of \\d+ images`))).toBeVisible({ timeout: 60_000 });
  }
  await page.getByRole('button', { name: 'Finetune from this' }).click();
  await expect(page.getByLabel('Name of the experiment')).toHaveValue(/finetuned/);
  await expect(status).toContainText(/Done · .*finetuned/, { timeout: 60_000 });
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByLabel('Name of the experiment')).not.toHaveValue(/finetuned/);
  expect(studio.errors).toEqual([]);
});

test('the plot of networks is walked through with the arrow keys', async ({ studio }) => {
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
  await page.getByRole('button', { name: 'Show FLOPs against ReLUs as a table' }).click();
  await expect(page.getByRole('region', { name: 'FLOPs against ReLUs, table' }).getByRole('row').nth(2)).toContainText(
    'BaseCh',
  );
  expect(studio.errors).toEqual([]);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test('a closed drawer cannot be reached, an open one closes by key, and files open it', async ({ page }) => {
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
    // Files dropped on the page are told of where one sees it.
    await page.setViewportSize({ width: 800, height: 800 });
    await studio.drop([{ name: 'empty.bin', bytes: new Uint8Array() }]);
    await expect(studio.reports).toContainText(/empty\.bin/);
    await expect(studio.reports.first()).toBeVisible();
    expect(studio.errors).toEqual([]);
  });
});
