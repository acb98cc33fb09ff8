/**
 * Mutants of what unit tests cannot see: the trainer, the engine's plan and the WGSL templates, against replays and GPU tests.
 *
 *   node scripts/mutants.mjs [--seed N] [--count N] [--part unit|trainer|plan|wgsl] [--first N] [--seconds N] [--no-gpu]
 *
 * Draws --count mutants of each part by --seed and tries them one after the other from --first on, for at most --seconds. A mutant
 * is killed where one of its checks fails:
 *
 *   unit        the unit tests that import the file: a quick sample of domain, data and worker beside StrykerJS (stryker.mjs)
 *   trainer     the unit tests of src/training; then tiny runs on the CPU against what PyTorch had of them
 *   plan, wgsl  tiny runs on the GPU against what PyTorch had of them; then the GPU tests of src/engine and the fixtures
 *
 * Results are added to .cache/mutants-PART.json, so that a draw can be tried in pieces. --no-gpu leaves plan and wgsl out. Without any
 * mutant every check must pass: that is tried first.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AlteredSources, runProgram } from './altered.mjs';
import { root } from './install.mjs';
import { mutantsOf, seeded } from './mutate.mjs';

const PARTS = {
  unit: { folders: ['src/domain', 'src/domain/methods', 'src/data', 'src/worker'], region: '.' },
  trainer: { folders: ['src/training', 'src/training/methods'], region: '.' },
  plan: { folders: ['src/engine/studio', 'src/engine/gpu'], region: '.' },
  wgsl: { folders: ['src/engine/kernels'], region: 't' },
};
/** Not part of training: tests, fakes, and files in and out of a run, which have unit tests of their own. */
const LEFT_OUT = /\.test\.ts$|fakeEngine|testing\.ts|exports?\b|exportMasks|import(Masks|Weights)|tuning/;

const LEFT_OUT_TESTS = /export|import|sharedPhase/;

/** Tiny runs that together take every path of the trainer; the first ones are the quickest. */
const RUNS = [
  'dense',
  'thinned, then SNL',
  'SNL, exact, counted every 4 steps, paper protocol',
  'sharing across a block, mixed, with teacher',
  'dense, paper protocol, augmented, in micro-batches',
];

/** Unit tests of the trainer; those of exports and imports take long and see none of it. */
const TRAINER_TESTS = ['src/training', 'src/training/methods'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts') && !LEFT_OUT_TESTS.test(name))
    .map((name) => `${folder}/${name}`),
);

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '34' },
    part: { type: 'string' },
    first: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '100000' },
    'no-gpu': { type: 'boolean', default: false },
  },
});

/** The draw of a part: [{ file, at, text, replacement, line }], the same for the same seed and sources. */
function drawn(part) {
  const { folders, region } = PARTS[part];
  const paths = folders.flatMap((folder) => list(folder)).filter((path) => !LEFT_OUT.test(path));
  const all = paths.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    return mutantsOf(source, region).map((mutant) => ({
      file,
      ...mutant,
      line: source.slice(0, mutant.at).split('\n').length,
    }));
  });
  const random = seeded(Number(values.seed));
  return Array.from({ length: Number(values.count) }, () => all.splice(Math.floor(random() * all.length), 1)[0]);
}

/** TypeScript files of a folder. */
const list = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();

const copy = new AlteredSources(`mutants-${values.part ?? 'all'}`);
const out = join(copy.path, 'out');
const tinyRuns = (device) => ['scripts/run.mjs', 'test/replay/main.ts', ...device, '--stop', '--compare', out, ...RUNS];
const vitest = (...args) => ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', ...args];
const CHECKS = {
  unit: [vitest('--project', 'unit', 'src/domain', 'src/data', 'src/worker', 'src/cli')],
  trainer: [vitest('--project', 'unit', ...TRAINER_TESTS), tinyRuns(['--cpu'])],
  plan: [tinyRuns([]), vitest('--project', 'gpu', 'src/engine', 'test/fixtures.gpu.test.ts')],
  wgsl: [tinyRuns([]), vitest('--project', 'gpu', 'src/engine', 'test/fixtures.gpu.test.ts')],
};

/** killed, survived, or invalid where the sources do not build. */
async function judged(part, path) {
  const related = ['node_modules/vitest/vitest.mjs', 'related', '--run', '--bail=1', '--project', 'unit', path];
  for (const args of part === 'unit' && path ? [related] : CHECKS[part]) {
    const { code, output } = await runProgram(process.execPath, args, { cwd: copy.path, seconds: 600 });
    if (/could not be built|PARSE_ERROR|Transform failed/.test(output)) return { verdict: 'invalid', by: '' };
    if (code !== 0) {
      const reason = output.match(/^✗ .*\n {4}(.*)$/m) ?? output.match(/(?:FAIL|×) +(.*)$/m);
      return { verdict: 'killed', by: (reason?.[1] ?? (code === null ? 'too slow' : '')).slice(0, 160) };
    }
  }
  return { verdict: 'survived', by: '' };
}

const file = join(root, '.cache', `mutants-${values.part ?? 'all'}.json`);
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const ends = Date.now() + 1000 * Number(values.seconds);
const parts = Object.keys(PARTS).filter(
  (part) =>
    (values.part === undefined || values.part === part) && !(values['no-gpu'] && (part === 'plan' || part === 'wgsl')),
);
for (const part of parts) {
  const unaltered = await judged(part);
  if (unaltered.verdict !== 'survived') throw new Error(`Without a mutant, ${part}: ${unaltered.by}`);
  for (const { file: path, at, text, replacement, line } of drawn(part).slice(Number(values.first))) {
    if (Date.now() > ends) break;
    const source = readFileSync(join(root, path), 'utf8');
    const mutated = source.slice(0, at) + replacement + source.slice(at + text.length);
    const { verdict, by } = await copy.withText(path, mutated, () => judged(part, path));
    const key = `${path}:${line} ${text.trim()} → ${replacement.trim()}`;
    results[part] = { ...results[part], [key]: { verdict, by } };
    writeFileSync(file, JSON.stringify(results, null, 1));
    console.log(`${verdict.padEnd(8)} ${key}${by ? `   (${by})` : ''}`);
  }
}
for (const [part, found] of Object.entries(results)) {
  const count = (verdict) => Object.values(found).filter((result) => result.verdict === verdict).length;
  const tried = count('killed') + count('survived');
  console.log(`${part}: ${count('killed')} of ${tried} killed, ${count('invalid')} invalid`);
}
