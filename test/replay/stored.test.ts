/**
 * The trainer against PyTorch where there is neither a GPU nor PyTorch: some tiny runs on tfjs's CPU backend, compared with what
 * PyTorch had of them. All of them run on the GPU (replay.gpu.test.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openCpu } from './cpuEngine.ts';
import { TRACED_RUNS } from './experiments.ts';
import { differences, readStored } from './stored.ts';
import { trainTraced } from './trainTraced.ts';

const folder = mkdtempSync(join(tmpdir(), 'relu-studio-stored-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(['dense', 'thinned, then SNL', 'sharing across a block, mixed, with teacher'])(
  '%s: decides and loses what PyTorch did',
  { timeout: 120_000 },
  async (name) => {
    const run = join(folder, name);
    await trainTraced(TRACED_RUNS[name].experiment, run, await openCpu());
    expect(differences(readStored(name), run)).toEqual([]);
  },
);
