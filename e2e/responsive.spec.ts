/**
 * While the worker trains, the page stays responsive: no task of its main thread takes over 50 ms. Measured as CPU time in a trace,
 * because a software GPU on two cores also makes the page wait for a core. The same run is paused, stepped, resumed and stopped.
 */
import type { Browser, Page } from '@playwright/test';
import { denseLong } from './experiments.ts';
import { expect, json, test } from './studio.ts';

const LONGEST_MS = 50;
const OBSERVED_MS = 8_000;
const WINDOWS = 3;

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Processor time, µs. */
  tdur?: number;
  args?: { name?: string };
}

/** Tasks of the page's main thread over the limit, in ms of processor time, within one window of a trace. */
async function longTasks(browser: Browser, page: Page): Promise<number[]> {
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  });
  await page.waitForTimeout(OBSERVED_MS);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const threads = trace.traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const isMain = ({ pid, tid }: TraceEvent) => threads.some((thread) => thread.pid === pid && thread.tid === tid);
  const tasks = trace.traceEvents
    .filter((event) => event.ph === 'X' && event.name.endsWith('RunTask') && event.tdur !== undefined && isMain(event))
    .map(({ tdur }) => (tdur ?? 0) / 1000);
  expect(tasks.length, 'tasks seen').toBeGreaterThan(20);
  console.log(`longest of ${tasks.length} tasks: ${Math.max(...tasks).toFixed(1)} ms`);
  return tasks.filter((ms) => ms > LONGEST_MS);
}

test('no task over 50 ms while training; pause, step, resume, stop', async ({ studio, browser }) => {
  test.setTimeout(180_000);
  const { page, status } = studio;
  await studio.openFiles([json('experiment.json', denseLong('Observed'))]);
  await studio.train.click();
  await expect(status).toContainText('images/s', { timeout: 60_000 });
  await studio.tab('Live');

  // CPU time also grows where a core is shared. A task of the page that is really too long shows in every window.
  let long: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    long = await longTasks(browser, page);
    if (long.length === 0) break;
  }
  expect(long).toEqual([]);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(status).toContainText('Paused');
  await page.getByRole('button', { name: 'One step' }).click();
  await expect(status).toContainText('Paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(status).toContainText('images/s');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(status).toContainText('Stopped');
  // The unfinished run stays the viewed one: no tab switches to another run.
  await studio.tab('Masks');
  await expect(page.getByText('“Observed” did not finish')).toBeVisible();
  await studio.reload();
  await studio.tab('Runs');
  await expect(page.getByRole('row', { name: /Observed/ })).toContainText(/stopped/i);
  expect(studio.errors).toEqual([]);
});
