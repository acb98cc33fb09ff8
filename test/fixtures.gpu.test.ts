/** Both engines against the PyTorch fixtures, through the step that training takes. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFixture } from '../src/cli/fixtureCheck.ts';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import type { Engine } from '../src/engine/api.ts';
import type { TileChoice } from '../src/engine/studio/planForward.ts';
import { openGpuForTests } from './openGpu.ts';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const names = readdirSync(folder);
const gpu = openGpuForTests();

describe.each(['studio', 'stock'] as const)('the %s engine', (kind) => {
  it.each(names)('agrees with PyTorch on %s', { timeout: 120_000 }, async (name) => {
    const { createEngine } = await import('../src/engine/createEngine.ts');
    let engine: Engine | null = null;
    const report = await checkFixture(
      await loadFixture(join(folder, name)),
      (settings) => (engine = createEngine(kind, gpu(), settings, { inspect: true })),
    );
    engine!.dispose();
    expect(report.groups).toEqual(
      Object.fromEntries(Object.entries(report.groups).map(([group, result]) => [group, { ...result, passed: true }])),
    );
    expect(report.passed).toBe(true);
  });
});

/** Test machines have software GPUs. These tests run the reductions and workgroup-memory tiles that real GPUs use. */
describe('the studio engine with the kernels of a real GPU', () => {
  const tiles: TileChoice = (role, { stride }) =>
    role === 'input gradient' && stride === 2 ? { kind: 'direct', pixels: 2, groups: 1, lanes: 0 } : { kind: 'tiled' };

  it.each(['share-soft', 'snl-over-share'])('agrees with PyTorch on %s', { timeout: 240_000 }, async (name) => {
    const { StudioEngine } = await import('../src/engine/studio/studioEngine.ts');
    let engine: Engine | null = null;
    const report = await checkFixture(
      await loadFixture(join(folder, name)),
      (settings) => (engine = new StudioEngine({ ...gpu(), software: false }, settings, { tiles })),
    );
    engine!.dispose();
    expect(Object.entries(report.groups).filter(([, { passed }]) => !passed)).toEqual([]);
  });
});

it('has all seven fixtures', () => {
  expect(names.sort()).toEqual([
    'relu',
    'relu-odd-widths',
    'relu-three-steps',
    'share-hard',
    'share-soft',
    'snl',
    'snl-over-share',
  ]);
});
