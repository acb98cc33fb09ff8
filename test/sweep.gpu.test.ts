/**
 * `relu-studio sweep` as a user runs it: a sweep file, its dense phases trained once each; two shards, one of them killed and started
 * again; merged, they hold what the whole sweep holds.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Experiment } from '../src/domain/experiment.ts';
import { presetOf } from '../src/domain/presets.ts';
import { quickPhase } from '../src/domain/phase.ts';
import { SNL_QUICK } from '../src/domain/methods/snl.ts';

const CLI = new URL('../scripts/cli.mjs', import.meta.url).pathname;
const run = promisify(execFile);
const phase = (epochs: number) => ({ ...quickPhase(epochs, 0.05), batch: 16 });

const experiment: Experiment = {
  ...presetOf('snl-quick'),
  name: 'swept',
  dataset: { name: 'synthetic', trainImages: 80, testImages: 20, validationShare: 0.2, syntheticSeed: 1 },
  network: { ...presetOf('snl-quick').network, blocks: [1, 1], widths: [2, 4], inputShape: [3, 16, 16] },
  dense: phase(2),
  methods: [{ ...SNL_QUICK, batch: 16, maxEpochs: 3, maskLearningRate: 0.2, checkEverySteps: 2, finetune: phase(1) }],
};
const sweep = {
  format: 'relu-studio/sweep',
  version: 1,
  grid: { 'methods.0.budget.share': [0.2, 0.5], seed: [1, 2] },
};

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function args(out: string, shard?: string): string[] {
  const files = ['--experiment', at('experiment.json'), '--sweep', at('sweep.json')];
  return [CLI, 'sweep', ...files, '--out', at(out), ...(shard === undefined ? [] : ['--shard', shard])];
}

/** The masks and results of every run, without time stamps. */
function contentsOf(out: string): Record<string, unknown> {
  return Object.fromEntries(
    readdirSync(at(out, 'runs'))
      .toSorted()
      .map((key) => {
        const masks = { ...(json(at(out, 'runs', key, 'masks.json')) as Record<string, unknown>), createdAt: '' };
        return [key, [masks, readFileSync(at(out, 'runs', key, 'model.safetensors')).toString('base64')]];
      }),
  );
}

describe('a sweep', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'relu-sweep-'));
    writeFileSync(at('experiment.json'), JSON.stringify(experiment));
    writeFileSync(at('sweep.json'), JSON.stringify(sweep));
    await run(process.execPath, args('whole'));
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('trains each distinct dense phase once', () => {
    expect(readdirSync(at('whole', 'runs'))).toHaveLength(4);
    expect(readdirSync(at('whole', 'shared'))).toHaveLength(2);
  });

  test('gives what a run without sharing gives', async () => {
    const [key] = readdirSync(at('whole', 'runs'));
    await run(process.execPath, [
      CLI,
      'train',
      '--experiment',
      at('whole', 'runs', key, 'experiment.json'),
      '--data',
      'synthetic',
      '--out',
      at('alone'),
    ]);
    expect(readFileSync(at('alone', 'model.safetensors'))).toEqual(
      readFileSync(at('whole', 'runs', key, 'model.safetensors')),
    );
  });

  test('two shards, one killed with SIGKILL and started again, merge into the whole', async () => {
    const killed = spawn(process.execPath, args('a', '0/2'), { stdio: 'ignore', detached: true });
    // In the middle of its second run.
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const runs = existsSync(at('a', 'runs')) ? readdirSync(at('a', 'runs')) : [];
        if (runs.length < 2 || !runs.some((key) => existsSync(at('a', 'runs', key, 'masks.json')))) return;
        clearInterval(timer);
        resolve();
      }, 50);
    });
    const ended = new Promise((resolve) => killed.on('exit', resolve));
    process.kill(-killed.pid!, 'SIGKILL');
    await ended;
    await run(process.execPath, args('a', '0/2'));
    await run(process.execPath, args('b', '1/2'));
    await run(process.execPath, [CLI, 'merge', at('a'), at('b'), '--out', at('merged')]);
    expect(contentsOf('merged')).toEqual(contentsOf('whole'));
    expect(readFileSync(at('merged', 'sweep.json'), 'utf8')).toBe(readFileSync(at('whole', 'sweep.json'), 'utf8'));
  }, 240_000);

  test('a folder of another sweep is left alone', async () => {
    writeFileSync(at('other.json'), JSON.stringify({ ...sweep, grid: { seed: [9] } }));
    const other = args('whole').map((word) => (word === at('sweep.json') ? at('other.json') : word));
    await expect(run(process.execPath, other)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/holds another sweep: choose another folder/) as string,
    });
  });
});
