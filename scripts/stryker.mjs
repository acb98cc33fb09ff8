/**
 * Mutation testing of the unit tests with StrykerJS, one folder at a time:
 *
 *   npm run mutants -- src/domain          a folder, a file, or several
 *
 * Results are kept per folder in .cache/stryker-FOLDER.json: only mutants of changed files, or of changed tests, are tried again.
 * The report with every survivor is .cache/mutation/FOLDER.json. Exit 1 where the score is below 85 % or a file below 65 %.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const LEAST = { folder: 85, file: 65 };

const killed = ({ status }) => status === 'Killed' || status === 'Timeout';
const counted = ({ status }) => killed({ status }) || status === 'Survived' || status === 'NoCoverage';
const scoreOf = (mutants) => (mutants.length === 0 ? 100 : (100 * mutants.filter(killed).length) / mutants.length);

const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (folders.length === 0) {
  console.error('Name a folder or a file: npm run mutants -- src/domain');
  process.exit(2);
}
ensureInstalled();
let failed = false;
for (const folder of folders) {
  const name = folder.replace(/^src\//, '').replace(/[^\w]+/g, '-');
  const pattern = folder.endsWith('.ts') ? folder : `${folder}/**/*.ts`;
  const mutate = [pattern, '!**/*.test.ts', '!**/testing.ts', '!**/fake*.ts'].join();
  const report = join(root, '.cache', 'mutation', `${name}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js'),
      'run',
      '--mutate',
      mutate,
      '--incrementalFile',
      `.cache/stryker-${name}.json`,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, MUTATION_REPORT: report } },
  );
  if (status !== 0 || !existsSync(report)) {
    failed = true;
    continue;
  }
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  const all = Object.entries(files).map(([file, { mutants }]) => ({ file, mutants: mutants.filter(counted) }));
  const score = scoreOf(all.flatMap(({ mutants }) => mutants));
  const low = all.filter(({ mutants }) => scoreOf(mutants) < LEAST.file);
  console.log(`${folder}: ${score.toFixed(1)} % of ${all.flatMap(({ mutants }) => mutants).length} mutants killed`);
  for (const { file, mutants } of low) console.log(`  below ${LEAST.file} %: ${file} ${scoreOf(mutants).toFixed(1)} %`);
  failed ||= score < LEAST.folder || low.length > 0;
}
process.exit(failed ? 1 : 0);
