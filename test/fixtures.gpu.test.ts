/** Both engines against the PyTorch fixtures, through the step that training takes. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFixture } from '../src/engine/selfCheck/fixtureCheck.ts';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import type { Engine } from '../src/engine/api.ts';
import { engineKinds, openGpuForTests } from './openGpu.ts';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'fixture.json')));
const gpu = openGpuForTests();

describe.each(engineKinds)('the %s engine', (kind) => {
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
