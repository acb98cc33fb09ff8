/** Both engines against PyTorch on random networks and gate maps. Needs a Python with torch. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFixture } from '../src/engine/selfCheck/fixtureCheck.ts';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import type { Engine } from '../src/engine/api.ts';
import { engineKinds, openGpuForTests } from './openGpu.ts';
import { pythonWithTorch, runPython } from './python.ts';

const python = pythonWithTorch();
const script = (name: string) => fileURLToPath(new URL(`./pytorch/${name}`, import.meta.url));
const CASES = [
  'borrowed-chains',
  'everything',
  'everything-soft',
  'five-channels',
  'grey-oblong',
  'many-channels',
  'mixed-gates',
  'nearly-linear',
  'pixels',
  'wide-dense',
  'wide-everything',
];

describe.skipIf(!python)('random networks and gates', () => {
  const gpu = openGpuForTests();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relu-studio-fixtures-'));
    runPython(python!, script('random_fixtures.py'), [folder, process.env.FIXTURE_SEED ?? '20261121']);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('come from a PyTorch model that reproduces the stored fixtures', { timeout: 120_000 }, () => {
    const stored = fileURLToPath(new URL('./fixtures', import.meta.url));
    const lines = runPython(
      python!,
      script('check_fixtures.py'),
      readdirSync(stored)
        .map((name) => join(stored, name))
        .filter((path) => existsSync(join(path, 'fixture.json'))),
    );
    expect(lines.trim().split('\n')).toHaveLength(7);
  });

  describe.each(engineKinds)('in the %s engine', (kind) => {
    it.each(CASES)('%s', { timeout: 180_000 }, async (name) => {
      const { createEngine } = await import('../src/engine/createEngine.ts');
      let engine: Engine | null = null;
      const report = await checkFixture(
        await loadFixture(join(folder, name)),
        (settings) => (engine = createEngine(kind, gpu(), settings, { inspect: true })),
      );
      engine!.dispose();
      expect(Object.entries(report.groups).filter(([, { passed }]) => !passed)).toEqual([]);
    });
  });
});
