/** Private inference in a real browser: an imported network between two workers, its result, costs and shares; Stop; accessibility. */
import { PRIVATE_DRELUS, privateRunFiles } from '../test/privateRun.ts';
import { violations } from './axe.ts';
import { expect, test } from './studio.ts';

test('classifies privately as in the clear, counts every DReLU, shows noise, stops', async ({ studio }) => {
  test.setTimeout(180_000);
  const { page } = studio;
  const { masks, weights } = await privateRunFiles();
  await studio.openFiles([
    { name: 'masks.json', bytes: new TextEncoder().encode(masks) },
    { name: 'model.safetensors', bytes: weights },
  ]);
  // The import shows the masks when it is done.
  await expect(page.getByRole('tab', { name: 'Masks', exact: true })).toHaveAttribute('aria-selected', 'true');
  await studio.tab('Private inference');
  const panel = page.getByRole('tabpanel');
  await panel.getByLabel('Images', { exact: true }).fill('3');
  await panel.getByRole('button', { name: 'Start' }).click();

  const result = page.getByRole('region', { name: 'Private result' });
  await expect(result).toContainText(
    '3 images: same class as the plain fixed-point network on 3, as the float network on 3',
    { timeout: 120_000 },
  );
  const cost = page.getByRole('region', { name: 'Cost per layer' });
  await expect(cost).toContainText(`${PRIVATE_DRELUS.toLocaleString('en')} DReLUs`);
  await expect(cost.getByRole('row', { name: /^layer1\.0\.gate2 2,048 2,048/ })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Private inference status' })).toContainText('Finished');

  const shares = page.getByRole('region', { name: 'Shares in memory' });
  await shares.getByLabel('Activation').selectOption('images');
  const drawn = await shares.getByRole('img', { name: /^Histogram/ }).getAttribute('aria-label');
  const [, least, most] = /bins, ([\d,]+) to ([\d,]+) per bin/.exec(drawn!)!;
  // 9,216 uniform values in 64 bins: 144 expected in each, standard deviation 12.
  expect(Number(least)).toBeGreaterThan(144 - 72);
  expect(Number(most)).toBeLessThan(144 + 72);

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // Colours fade when the scheme changes.
      await expect.poll(() => violations(page), { message: `${colorScheme}, ${width} px` }).toEqual([]);
    }
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole('switch', { name: 'Simulate a network' }).press('Space');
  await page.getByLabel('Upload, Mb/s').fill('0.5');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText(/^offline: /)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible();
  expect(studio.errors).toEqual([]);
});
