/**
 * The fixture of the end-to-end tests: a page that records its errors, and the names by which the tests find the parts of the
 * studio, in one place.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** Collects console errors, uncaught exceptions and failed requests of a page. */
export function watch(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // The browser aborts the navigation that starts a download.
    if (!request.url().startsWith('blob:')) errors.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  return errors;
}

/** The page as its user sees it. */
export class Studio {
  readonly page: Page;
  readonly errors: string[];

  constructor(page: Page) {
    this.page = page;
    this.errors = watch(page);
  }

  async open(): Promise<void> {
    await this.page.goto('./');
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'ReLU Studio' })).toBeVisible();
    // The adapter is known: it decides which preset a first visit opens with.
    await expect(this.page.getByRole('button', { name: /^Device:/ })).toBeVisible();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  get train() {
    return this.page.getByRole('button', { name: 'Train', exact: true });
  }

  get status() {
    return this.page.getByLabel('Status', { exact: true });
  }

  async tab(name: string): Promise<void> {
    // Below 600 px the tabs are a menu.
    if ((this.page.viewportSize()?.width ?? Infinity) < 600) {
      await this.page.getByLabel('View', { exact: true }).selectOption(name);
      return;
    }
    const tab = this.page.getByRole('tab', { name, exact: true });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
  }

  /** Opens a step of the left column: Data, Network, Methods or Training. */
  async step(name: string): Promise<void> {
    const header = this.page
      .getByRole('navigation', { name: 'Experiment' })
      .getByRole('button', { name: new RegExp(`^\\d ${name}`) });
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
    await expect(header).toHaveAttribute('aria-expanded', 'true');
  }

  /** Chooses data files through the Data step's button, as a keyboard user does. */
  async chooseData(files: NamedBytes[]): Promise<void> {
    await this.step('Data');
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(asUploads(files));
  }

  /** Drags files from the disk onto the page, with the drag events of the browser. */
  async drop(files: NamedBytes[]): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'relu-studio-'));
    for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
    await this.dropPaths(files.map(({ name }) => join(folder, name)));
  }

  /** The same with existing files or folders. */
  async dropPaths(paths: string[]): Promise<void> {
    const devtools = await this.page.context().newCDPSession(this.page);
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      devtools.send('Input.dispatchDragEvent', {
        type,
        x: 700,
        y: 450,
        data: { items: [], files: paths, dragOperationsMask: 1 },
      });
    await drag('dragEnter');
    await drag('dragOver');
    await expect(this.page.getByText('Drop to open')).toBeVisible();
    await drag('dragOver');
    await drag('drop');
    await devtools.detach();
  }

  /** Opens an experiment, or masks with their weights, through the file menu's input. */
  async openFiles(files: NamedBytes[]): Promise<void> {
    await this.page.locator('#open-files').setInputFiles(asUploads(files));
  }

  /** The reports on imported files in the Data step, one line per file. */
  get reports() {
    return this.page.getByRole('list', { name: 'Imported files' }).getByRole('listitem');
  }
}

/** Runs `code` at the start of each training worker, to change its environment. Call it before the page opens. */
export async function changeWorker(page: Page, code: string | (() => string)): Promise<void> {
  await page.route(/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${typeof code === 'string' ? code : code()};\n${await response.text()}` });
  });
}

const asUploads = (files: NamedBytes[]) =>
  files.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) }));

export const json = (name: string, value: unknown): NamedBytes => ({
  name,
  bytes: new TextEncoder().encode(JSON.stringify(value)),
});

export const test = base.extend<{ studio: Studio }>({
  studio: async ({ page }, provide) => {
    const studio = new Studio(page);
    await studio.open();
    await provide(studio);
  },
});

export { expect };
