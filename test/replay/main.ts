/**
 * Trains tiny runs with their traces, for replays outside the tests:
 *
 *   node scripts/run.mjs test/replay/main.ts OUT [NAME…]     OUT/NAME is a run folder each
 *
 * NAME is of experiments.ts, or NAME@SEED for another seed; without any name: all.
 */
import { join } from 'node:path';
import { openGpu } from '../../src/cli/openEngine.ts';
import { TRACED_RUNS } from './experiments.ts';
import { trainTraced } from './trainTraced.ts';

const [out, ...names] = process.argv.slice(2);
const { gpu } = await openGpu();
const { createEngine } = await import('../../src/engine/createEngine.ts');
for (const name of names.length > 0 ? names : Object.keys(TRACED_RUNS)) {
  const [known, seed] = name.split('@');
  const { experiment, from } = TRACED_RUNS[known];
  const began = Date.now();
  await trainTraced(
    seed === undefined ? experiment : { ...experiment, seed: Number(seed) },
    join(out, name),
    (settings) => createEngine('studio', gpu, settings),
    from === undefined ? null : join(out, from),
  );
  process.stdout.write(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}
gpu.close();
process.exit(0);
