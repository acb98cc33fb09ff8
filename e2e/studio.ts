/**
 * What every end-to-end test starts from: a page that records its errors, and the words by which the tests reach the studio's
 * parts, in one place.
 */
import { test as base, expect, type Page } from '@playwright/test';

export interface Studio {
  page: Page;
  /** Console errors, uncaught exceptions and failed requests so far. */
  errors: string[];
}

/** Collects everything that went wrong in a page. */
export function watch(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => errors.push(`request: ${request.url()} ${request.failure()?.errorText}`));
  return errors;
}

export const test = base.extend<{ studio: Studio }>({
  studio: async ({ page }, use) => {
    const errors = watch(page);
    await page.goto('./');
    await expect(page.getByRole('heading', { name: 'ReLU Studio' })).toBeVisible();
    await use({ page, errors });
  },
});

export { expect };
