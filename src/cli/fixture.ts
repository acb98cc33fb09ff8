/**
 * `npm run fixture -- DIR… [--engine studio|stock]`: checks folders of fixture.json and tensors.safetensors against the engine, through the
 * very step that training takes. Prints one JSON object (a list for several folders). Exit code 0: within tolerance; 1: past it or
 * failed; 2: bad arguments or an unreadable folder.
 */
import { parseArgs } from 'node:util';
import { z, ZodError } from 'zod';
import { WeightsError } from '../engine/weights.ts';
import { checkFixture, type FixtureReport } from './fixtureCheck.ts';
import { FixtureError } from './fixtureFile.ts';
import { loadFixture } from './fixtureFolder.ts';
import { provideGpu } from './nodeGpu.ts';

class UsageError extends Error {}

function parseArguments(args: string[]): { folders: string[]; kind: 'studio' | 'stock' } {
  let parsed;
  try {
    parsed = parseArgs({ args, options: { engine: { type: 'string', default: 'studio' } }, allowPositionals: true });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  const { positionals, values } = parsed;
  if (positionals.length === 0) throw new UsageError('usage: npm run fixture -- DIR… [--engine studio|stock]');
  if (values.engine !== 'studio' && values.engine !== 'stock')
    throw new UsageError(`--engine is studio or stock, not "${values.engine}".`);
  return { folders: positionals, kind: values.engine };
}

/** @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const { folders, kind } = parseArguments(args);
  const fixtures = await Promise.all(folders.map(loadFixture));
  await provideGpu();
  // tfjs looks for navigator.gpu when it is loaded.
  const [{ openDevice }, { createEngine }] = await Promise.all([
    import('../engine/device.ts'),
    import('../engine/createEngine.ts'),
  ]);
  const gpu = await openDevice();
  const reports: (FixtureReport & { engine: string; adapter: string })[] = [];
  for (const fixture of fixtures) {
    const made: { dispose(): void }[] = [];
    const report = await checkFixture(fixture, (settings) => {
      const engine = createEngine(kind, gpu, settings, { inspect: true });
      made.push(engine);
      return engine;
    });
    for (const engine of made) engine.dispose();
    const failure = gpu.failure();
    if (failure) throw failure;
    reports.push({ engine: kind, adapter: gpu.description, ...report });
  }
  console.log(JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2));
  return reports.every(({ passed }) => passed) ? 0 : 1;
}

const unreadable = (error: unknown) =>
  error instanceof UsageError ||
  error instanceof FixtureError ||
  error instanceof WeightsError ||
  error instanceof ZodError ||
  error instanceof SyntaxError ||
  (error as NodeJS.ErrnoException).code === 'ENOENT';

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ZodError ? `fixture.json: ${z.prettifyError(error)}` : (error as Error).message);
    process.exit(unreadable(error) ? 2 : 1);
  },
);
