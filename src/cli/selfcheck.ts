/** `relu-studio selfcheck`: whether this GPU computes what PyTorch computes, and a device report as JSON. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, UsageError } from './errors.ts';
import { writeWhole } from './files.ts';
import { loadFixture } from './fixtureFolder.ts';
import { openGpu } from './openEngine.ts';
import { readOptions } from './options.ts';
import { ProgressLines } from './progress.ts';

export const SELFCHECK_HELP = `usage: relu-studio selfcheck [--fixtures DIR] [--out FILE] [--json]

Takes a few training steps on this machine's GPU, with every kernel that the engine may choose and with stock tfjs, and compares them with
numbers that PyTorch computed. Exit code 1 where the GPU computes something else.

  --fixtures DIR   folder of fixtures (those of the project)
  --out FILE       writes the device report: adapter, limits, errors, speed
  --json           prints the report instead of a summary
`;

/** The order matters: the first fixture runs with every tile and on stock tfjs. */
const FIXTURES = ['relu-odd-widths', 'snl-over-share', 'share-soft', 'snl'];

/** The project's fixtures: beside the sources, or beside the packed program. */
function fixturesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (dirname(folder) !== folder) {
    const candidate = join(folder, 'test', 'fixtures');
    if (existsSync(join(candidate, FIXTURES[0]))) return candidate;
    folder = dirname(folder);
  }
  throw new UsageError('The fixtures of the self-check are not beside the program: give their folder with --fixtures.');
}

/** @returns the exit code: 0 passed, 1 failed */
export async function selfcheck(args: readonly string[]): Promise<number> {
  const options = readOptions<{ fixtures?: string; out?: string; json?: boolean }>('selfcheck', args, {
    fixtures: { type: 'string' },
    out: { type: 'string' },
    json: { type: 'boolean' },
  });
  const folder = options.fixtures ?? fixturesFolder();
  const fixtures = await Promise.all(FIXTURES.map((name) => loadFixture(join(folder, name))));
  const { gpu } = await openGpu();
  const { selfCheck, failureText } = await import('../engine/selfCheck.ts');
  const lines = new ProgressLines(process.stderr);
  const report = await selfCheck(gpu, fixtures, (done, total) => lines.transient(`Self-check ${done}/${total}`));
  const text = JSON.stringify(report, null, 2);
  if (options.out !== undefined) await writeWhole(options.out, `${text}\n`);
  if (options.json) process.stdout.write(`${text}\n`);
  else {
    const { description, software } = report.adapter;
    const lost = failureText(report);
    process.stdout.write(
      `${description}${software ? ' (software)' : ''}: ${report.passed ? 'passed' : 'FAILED'}, ${report.checks.length} checks\n` +
        (lost === null ? '' : `${lost}\n`) +
        report.speed.map(({ kernel, gflops }) => `${kernel}: ${gflops.toFixed(1)} GFLOP/s\n`).join(''),
    );
  }
  return report.passed ? EXIT.done : EXIT.failed;
}
