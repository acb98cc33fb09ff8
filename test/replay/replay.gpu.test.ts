/**
 * Whole runs on the GPU against PyTorch: each tiny run of experiments.ts is trained with its trace and compared with what PyTorch
 * had of it (everywhere), then replayed in PyTorch from its initial weights and image order alone (where there is a PyTorch).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experimentSchema } from '../../src/domain/experiment.ts';
import { openGpuForTests } from '../openGpu.ts';
import { pythonWithTorch } from '../python.ts';
import { TRACED_RUNS } from './experiments.ts';
import { replay } from './replay.ts';
import { differences, readStored } from './stored.ts';
import { trainTraced } from './trainTraced.ts';

const python = pythonWithTorch();
const all = mkdtempSync(join(tmpdir(), 'relu-studio-replay-'));
afterAll(() => rmSync(all, { recursive: true, force: true }));

describe.each(Object.entries(TRACED_RUNS))('%s', (name, { experiment, from, repeatable }) => {
  const gpu = openGpuForTests();
  const folder = join(all, name);
  const start = from === undefined ? null : join(all, from);

  beforeAll(async () => {
    const { createEngine } = await import('../../src/engine/createEngine.ts');
    await trainTraced(experiment, folder, (settings) => createEngine('studio', gpu(), settings), start);
  });

  it('decides and loses what PyTorch did', () => {
    const stored = readStored(name);
    expect(experimentSchema.parse(stored.experiment)).toEqual(experiment);
    expect(differences(stored, folder, repeatable)).toEqual([]);
  });

  it.skipIf(!python)('is replayed by PyTorch', () => {
    const { problems } = replay(python!, folder, start);
    expect(problems).toEqual([]);
  });
});
