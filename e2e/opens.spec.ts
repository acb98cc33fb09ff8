/** The empty page: opens without an error, is accessible in every tab, scheme and width, and opens with a preset that suits the GPU. */
import { violations } from './axe.ts';
import { expect, test } from './studio.ts';

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1440, 390]) {
    test(`opens without errors and accessibility violations, ${colorScheme}, ${width} px`, async ({ studio }) => {
      const { page, errors } = studio;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      for (const tab of [
        'Live',
        'Pareto',
        'Masks',
        'Gate analysis',
        'Runs',
        'Design',
        'Private inference',
        'XOR demo',
      ]) {
        await studio.tab(tab);
        await page.waitForTimeout(300);
        expect.soft(await violations(page), tab).toEqual([]);
      }
      expect(errors).toEqual([]);
    });
  }

test('a software adapter opens with the trial preset and says why; the quick preset is one click away', async ({
  studio,
}) => {
  const { page } = studio;
  const name = page.getByLabel('Name of the experiment');
  await expect(name).toHaveValue('SNL trial');
  const note = page.getByRole('note').filter({ hasText: 'Software (CPU) rendering' });
  await expect(note).toContainText(/SNL, quick would take about \d+ min/);
  await note.getByRole('button', { name: 'Open SNL, quick' }).click();
  await expect(name).toHaveValue('SNL quick');
  await expect(note).toBeHidden();
  // The choice holds after a reload.
  await page.waitForTimeout(600);
  await studio.reload();
  await expect(name).toHaveValue('SNL quick');
  expect(studio.errors).toEqual([]);
});

test('the help dialog lists shortcuts and defines terms', async ({ studio }) => {
  const { page } = studio;
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await help.getByRole('tab', { name: 'Glossary' }).click();
  await expect(help.getByText('HybReNet', { exact: true })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  expect(studio.errors).toEqual([]);
});
