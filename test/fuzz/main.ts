/**
 * `npm run fuzz`: damaged files for every reader, 100,000 each unless told otherwise; prints what was found and exits with 1 where
 * anything was.
 *
 *   npm run fuzz -- --target tar,pickle --rounds 20000 --seed 7 --minutes 10
 */
import { parseArgs } from 'node:util';
import { hunt } from './hunt.ts';
import { TARGETS } from './targets.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    rounds: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});
const wanted = values.target?.split(',') ?? TARGETS.map(({ name }) => name);
const unknown = wanted.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) {
  console.error(`No target "${unknown}": choose from ${TARGETS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const until = performance.now() + Number(values.minutes) * 60_000;
let total = 0;
for (const target of TARGETS.filter(({ name }) => wanted.includes(name))) {
  const start = performance.now();
  const { rounds, refused, findings, slowestMs } = await hunt(
    target,
    Number(values.rounds),
    Number(values.seed),
    until,
  );
  total += findings.length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${target.name.padEnd(18)} ${rounds.toLocaleString('en')} files, ${refused.toLocaleString('en')} refused, slowest ${slowestMs.toFixed(0)} ms, ${findings.length} findings, ${seconds} s`,
  );
  for (const { round, what } of findings) console.log(`  round ${round}: ${what}`);
}
process.exitCode = total > 0 ? 1 : 0;
