/**
 * `npm test`: installs what is missing (packages, a Chromium), then runs every check of the project, one line per stage. All stages
 * run even if one fails. The last line is `N passed, N failed, N skipped`; lint, types, dead code, build and bundle budget count
 * as one check each.
 *
 *   npm test                 everything
 *   npm test -- unit gpu     only these stages: lint types knip unit gpu hardware build size e2e
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const results = join(root, '.cache', 'test-results');
const reportOf = (stage) => join(results, `${stage}.json`);
const bin = (name, file) => join(root, 'node_modules', name, file);

/** Runs a package's program with this Node. The output is both streams together, as in a terminal. */
function launch(script, args, env = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => done({ ok: false, output: error.message }));
    child.on('close', (code) => done({ ok: code === 0, output }));
  });
}

/** A stage that counts as one check, passed or failed. */
const check = (script, args) => async () => {
  const { ok, output } = await launch(script, args);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, output };
};

function readReport(stage) {
  try {
    return JSON.parse(readFileSync(reportOf(stage), 'utf8'));
  } catch {
    return null;
  }
}

/** A test runner's counts. An error outside its tests, or no test at all, counts as a failure. */
function tally(ok, counts, output) {
  if (!counts) return { passed: 0, failed: 1, skipped: 0, output };
  const failed = Math.max(counts.failed, ok && counts.passed > 0 ? 0 : 1);
  return { ...counts, failed, output };
}

const vitest = (project) => async () => {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(project)}`];
  const { ok, output } = await launch(bin('vitest', 'vitest.mjs'), ['run', '--project', project, ...reporters]);
  const report = readReport(project);
  const emptyFailures = report?.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const counts = report && {
    passed: report.numPassedTests,
    failed: report.numFailedTests + emptyFailures,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  return tally(ok, counts, output);
};

async function endToEnd() {
  const { ok, output } = await launch(bin('@playwright/test', 'cli.js'), ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: reportOf('e2e'),
  });
  const stats = readReport('e2e')?.stats;
  const counts = stats && { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
  return tally(ok, counts, output);
}

const STAGES = {
  lint: { title: 'lint', run: check(bin('oxlint', 'bin/oxlint'), []) },
  types: { title: 'types', run: check(bin('typescript', 'bin/tsc'), ['--noEmit', '-p', 'tsconfig.json']) },
  knip: { title: 'dead code', run: check(bin('knip', 'bin/knip.js'), []) },
  unit: { title: 'unit tests', run: vitest('unit') },
  gpu: { title: 'GPU tests', run: vitest('gpu') },
  hardware: { title: 'GPU tests with the kernels of real GPUs', run: vitest('hardware') },
  build: { title: 'build', run: check(bin('vite', 'bin/vite.js'), ['build', '--logLevel', 'warn']) },
  size: { title: 'bundle budget', run: check(bin('size-limit', 'bin.js'), []), needs: 'build' },
  e2e: { title: 'end to end', run: endToEnd, needs: 'build' },
};

/** Lines in which a test says what it skipped and why. */
const skipNotes = (output) => [...new Set(output.match(/\bSkipped: .*$/gm) ?? [])].map((line) => line.trim());

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STAGES));
if (unknown.length > 0) {
  console.error(`No stage "${unknown.join('", "')}": choose from ${Object.keys(STAGES).join(', ')}.`);
  process.exit(2);
}

ensureInstalled();
let browserProblem = '';
if (wanted.length === 0 || wanted.includes('e2e')) {
  const { ensureChromium } = await import('./chromium.mjs');
  try {
    process.env.RELU_STUDIO_CHROMIUM = ensureChromium();
  } catch (error) {
    browserProblem = error.message;
    console.error(browserProblem);
  }
}
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const start = Date.now();
const outcomes = {};
for (const [name, { title, run, needs }] of Object.entries(STAGES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const began = Date.now();
  let outcome;
  if (needs && outcomes[needs]?.failed)
    outcome = { passed: 0, failed: 1, skipped: 0, output: 'Not run: the build failed.' };
  else if (name === 'e2e' && browserProblem) outcome = { passed: 0, failed: 1, skipped: 0, output: browserProblem };
  else outcome = await run();
  outcomes[name] = outcome;
  const { passed, failed, skipped, output } = outcome;
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped ? [`${skipped} skipped`] : [])].join(', ');
  if (failed) console.log(`\n${output.trim()}\n`);
  console.log(`${failed ? '✗' : '✓'} ${title.padEnd(14)} ${counts.padEnd(34)} ${seconds.padStart(4)} s`);
  for (const line of skipNotes(output)) console.log(`  ${line}`);
}

const sum = (key) => Object.values(outcomes).reduce((total, outcome) => total + outcome[key], 0);
console.log(`in ${((Date.now() - start) / 60_000).toFixed(1)} minutes`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exit(sum('failed') > 0 ? 1 : 0);
