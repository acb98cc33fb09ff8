/**
 * Trains tiny runs with their traces, for replays outside the tests:
 *
 *   node scripts/run.mjs test/replay/main.ts [--cpu] [--replay | --record | --compare] OUT [NAME…]     OUT/NAME is a run folder each
 *
 *   --cpu       trains on tfjs's CPU backend instead of a GPU
 *   --replay    replays each run in PyTorch
 *   --record    the same, and keeps what PyTorch had in test/replay/stored
 *   --compare   holds each run against what is kept there
 *   --stop      ends with the first run that disagrees
 *
 * NAME is of experiments.ts, or NAME@SEED for another seed; without any name: all. Exit 1 where a run disagrees.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine, EngineSettings } from '../../src/engine/api.ts';
import { pythonWithTorch } from '../python.ts';
import { TRACED_RUNS } from './experiments.ts';
import { replay } from './replay.ts';
import { differences, readStored, storedPath } from './stored.ts';
import { trainTraced } from './trainTraced.ts';

async function openGpu(): Promise<(settings: EngineSettings) => Engine> {
  const { gpu } = await (await import('../../src/cli/openEngine.ts')).openGpu();
  const { createEngine } = await import('../../src/engine/createEngine.ts');
  return (settings) => createEngine('studio', gpu, settings);
}

const given = process.argv.slice(2);
const has = (option: string) => given.includes(option);
const [out, ...names] = given.filter((argument) => !argument.startsWith('--'));
const createEngine = has('--cpu') ? await (await import('./cpuEngine.ts')).openCpu() : await openGpu();
let failed = false;
for (const name of names.length > 0 ? names : Object.keys(TRACED_RUNS)) {
  const [known, seed] = name.split('@');
  const { experiment, from } = TRACED_RUNS[known];
  const folder = join(out, name);
  const start = from === undefined ? null : join(out, from);
  const problems: string[] = [];
  const notes: string[] = [];
  try {
    await trainTraced(
      seed === undefined ? experiment : { ...experiment, seed: Number(seed) },
      folder,
      createEngine,
      start,
    );
    if (has('--compare')) problems.push(...differences(readStored(known), folder, TRACED_RUNS[known].repeatable));
    if (has('--replay') || has('--record')) {
      const file = has('--record') ? storedPath(name) : null;
      if (file) mkdirSync(dirname(file), { recursive: true });
      const report = replay(pythonWithTorch() ?? 'python3', folder, start, file);
      problems.push(...report.problems);
      notes.push(...report.notes);
    }
  } catch (error) {
    problems.push(String(error));
  }
  failed ||= problems.length > 0;
  const over = failed && has('--stop');
  process.stdout.write(`${problems.length > 0 ? '✗' : '✓'} ${name}\n`);
  for (const problem of problems.slice(0, 8)) process.stdout.write(`    ${problem}\n`);
  for (const note of notes) process.stdout.write(`    note: ${note}\n`);
  if (over) break;
}
process.exit(failed ? 1 : 0);
