/** Accessibility of what a page shows at the moment, checked by axe. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules besides axe's defaults: a control's accessible name must contain its visible text. */
const RULES = { 'label-content-name-mismatch': { enabled: true } };

/** Violations of any impact, each with the elements concerned. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const { violations: found } = await page.evaluate(
    (rules) => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ rules }),
    RULES,
  );
  return found.map(
    ({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
}
