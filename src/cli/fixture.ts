/** `relu-studio fixture`: checks the engine against PyTorch fixtures, with the training step that `train` uses. */
import { checkFixture, type FixtureReport } from '../engine/selfCheck/fixtureCheck.ts';
import { loadFixture } from './fixtureFolder.ts';
import { UsageError } from './errors.ts';
import { provideGpu } from './nodeGpu.ts';
import { readWords } from './options.ts';

export const FIXTURE_HELP = `usage: relu-studio fixture DIR… [--engine studio|stock]

Checks folders of fixture.json and tensors.safetensors, written by PyTorch, with the training step that "train" uses. Prints
JSON (a list for several folders): per group the largest relative error and its tensor. Exit code 1 above tolerance.

  --engine KIND   studio (default) or stock
`;

/** @returns the exit code: 0 within tolerance, 1 above it */
export async function fixture(args: readonly string[]): Promise<number> {
  const { words: folders, values } = readWords<{ engine: string }>('fixture', args, {
    engine: { type: 'string', default: 'studio' },
  });
  if (folders.length === 0) throw new UsageError('A folder is missing. See "relu-studio fixture --help".');
  const kind = values.engine;
  if (kind !== 'studio' && kind !== 'stock') throw new UsageError(`--engine is studio or stock, not "${kind}".`);
  const fixtures = await Promise.all(folders.map(loadFixture));
  await provideGpu();
  // tfjs looks for navigator.gpu when it is loaded.
  const [{ openDevice }, { createEngine }] = await Promise.all([
    import('../engine/device.ts'),
    import('../engine/createEngine.ts'),
  ]);
  const gpu = await openDevice();
  const reports: (FixtureReport & { engine: string; adapter: string })[] = [];
  for (const given of fixtures) {
    const made: { dispose(): void }[] = [];
    const report = await checkFixture(given, (settings) => {
      const engine = createEngine(kind, gpu, settings, { inspect: true });
      made.push(engine);
      return engine;
    });
    for (const engine of made) engine.dispose();
    const failure = gpu.failure();
    if (failure) throw failure;
    reports.push({ engine: kind, adapter: gpu.description, ...report });
  }
  process.stdout.write(`${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`);
  return reports.every(({ passed }) => passed) ? 0 : 1;
}
