/** Finished runs read from masks.json and its weights, and the errors for files that cannot be used. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { exportMasks } from '../training/exportMasks.ts';
import { rehearse, tinyExperiment, tinySnl } from '../training/testing.ts';
import { CheckpointError } from '../training/errors.ts';
import { readFinishedRun } from './finishedRun.ts';

type Head = { weights: { file: string; sha256: string } };
let masks = '';
let weights = new Uint8Array();
let head: Head;

beforeAll(async () => {
  const outcome = await rehearse(tinyExperiment([tinySnl])).outcome;
  if (outcome.status !== 'done') throw new Error(outcome.status);
  ({ masks, weights } = await exportMasks(outcome.finished, '2026-11-21T08:00:00Z'));
  head = JSON.parse(masks) as Head;
});

function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'relu-studio-run-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

it('reads a run from its folder or its masks file', async () => {
  const folder = folderWith({ 'masks.json': masks, 'model.safetensors': weights });
  const { run, file } = await readFinishedRun(folder);
  expect(run.sameWeights).toBe(true);
  expect(file).toBe(join(folder, 'masks.json'));
  expect((await readFinishedRun(file)).run.masks).toEqual(run.masks);
});

it('reads the weights file that masks.json names, in any field order', async () => {
  const renamed = { ...head, weights: { sha256: head.weights.sha256.toUpperCase(), file: 'w.safetensors' } };
  const folder = folderWith({ 'm.json': `\ufeff${JSON.stringify(renamed, null, 2)}`, 'w.safetensors': weights });
  const { run } = await readFinishedRun(join(folder, 'm.json'));
  expect(run.sameWeights).toBe(true);
});

it.each<[string, () => string, RegExp]>([
  ['no such folder', () => join(tmpdir(), 'relu-studio-nowhere'), /^\S+nowhere: there is no such file or folder/],
  ['no masks', () => folderWith({}), /masks\.json is not there: the run has not finished/],
  ['no JSON', () => folderWith({ 'masks.json': '{' }), /masks\.json: This is not JSON/],
  [
    'no weights',
    () => folderWith({ 'masks.json': masks }),
    /model\.safetensors, the weights that .* names, cannot be read/,
  ],
  [
    'damaged weights',
    () => folderWith({ 'masks.json': masks, 'model.safetensors': weights.subarray(0, -1) }),
    /model\.safetensors: Tensor ".*": its data would end at byte/,
  ],
  [
    'weights elsewhere',
    () => folderWith({ 'masks.json': JSON.stringify({ ...head, weights: { ...head.weights, file: '../w' } }) }),
    /weights\.file must be the name of a file beside it, not "\.\.\/w"/,
  ],
])('says which file and why: %s', async (_, make, message) => {
  const path = make();
  const error: unknown = await readFinishedRun(path).catch((caught: unknown) => caught);
  rmSync(path, { recursive: true, force: true });
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('\n');
});
