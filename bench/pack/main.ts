/**
 * Entry of the packed archive, for another machine's GPU:
 *
 *   main.js bench …     the benchmark
 *   main.js tests       every packed GPU test file, each in a process of its own; ends with "N passed, N failed, N skipped"
 *   main.js test FILE   one of them
 *   main.js gpu-day …   CIFAR-100 results within some minutes (gpuDay.ts)
 *   main.js COMMAND …   as `relu-studio COMMAND …`: selfcheck, train, eval, …
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { main as cli } from '../../src/cli/commands.ts';
import { exitCodeOf } from '../../src/cli/errors.ts';
import { bench, BenchUsageError } from '../bench.ts';
import { gpuDay } from './gpuDay.ts';

/** The archive's `app` folder, in which every file keeps its place. */
const home = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function runTests(): number {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.gpu.test.js'),
  );
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files.sort()) {
    console.log(file);
    const { stdout, status } = spawnSync(process.execPath, [process.argv[1], 'test', join(home, file)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 26,
    });
    const lines = stdout.trim().split('\n');
    const last = lines.pop() ?? '';
    if (lines.length) console.log(lines.join('\n'));
    try {
      const counts = JSON.parse(last) as typeof total;
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    } catch {
      console.log(`${last}\n  FAIL  the file ended with ${status}`);
      total.failed++;
    }
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  // No test at all is no success.
  return total.failed || total.passed === 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  if (command === 'tests') return runTests();
  if (command === 'test') {
    await import(pathToFileURL(args[0]).href);
    const { runAll } = await import('./vitest.ts');
    return (await runAll()) ? 0 : 1;
  }
  if (command === 'bench') return bench(args, { script: process.argv[1], prefix: ['bench'] });
  if (command === 'gpu-day') return gpuDay(args);
  return cli(process.argv.slice(2));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error((error as Error).message);
    process.exit(error instanceof BenchUsageError || error instanceof RangeError ? 2 : exitCodeOf(error));
  },
);
