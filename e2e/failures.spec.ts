/** Training that fails: after a lost GPU the run is resumed; a run that diverges fails with one sentence. */
import { test } from '@playwright/test';
import { experimentSchema } from '../src/domain/experiment.ts';
import { snlBriefly } from './experiments.ts';
import { changeWorker, expect, json, Studio } from './studio.ts';

/** Destroys the device of the first worker after a number of submits; later workers keep theirs. */
const LOSE_FIRST_DEVICE = `{
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...words) {
    const device = await request.apply(this, words);
    const submit = device.queue.submit.bind(device.queue);
    let left = LOSE_AFTER;
    device.queue.submit = (buffers) => {
      submit(buffers);
      if (--left === 0) device.destroy();
    };
    return device;
  };
}`;

test('a lost GPU is opened again, and the run is resumed to its end', async ({ page }) => {
  test.setTimeout(180_000);
  let workers = 0;
  await changeWorker(page, () => LOSE_FIRST_DEVICE.replace('LOSE_AFTER', ++workers === 1 ? '40' : 'Infinity'));
  const studio = new Studio(page);
  await studio.open();
  await studio.openFiles([json('brief.json', snlBriefly('Lost GPU', {}, 200))]);
  await studio.train.click();
  await expect(page.getByRole('alert').filter({ hasText: /GPU was lost/ })).toBeVisible({ timeout: 60_000 });
  await expect(studio.status).toContainText('Done', { timeout: 90_000 });
  expect(workers).toBeGreaterThan(1);
});

test('a run that diverges fails with one sentence, and another can be started', async ({ page }) => {
  const studio = new Studio(page);
  await studio.open();
  const wild = snlBriefly('Too fast', {}, 200);
  wild.dense.optimizer.learningRate = 1e6;
  await studio.openFiles([json('wild.json', experimentSchema.parse(wild))]);
  await studio.train.click();
  await expect(page.getByRole('alert').filter({ hasText: /diverged|not finite|learning rate/i })).toBeVisible({
    timeout: 60_000,
  });
  await expect(studio.train).toBeEnabled();
  await studio.tab('Runs');
  await expect(page.getByRole('row', { name: /Too fast/ })).toContainText('Failed');
});
