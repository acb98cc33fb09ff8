/**
 * Mutation testing of the unit tests: `npm run mutants -- FOLDER…` (scripts/mutants.mjs). Results are kept between runs: only what
 * changed, or whose tests changed, is tried again.
 */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutants.config.ts', related: true },
  coverageAnalysis: 'perTest',
  incremental: true,
  tempDirName: '.cache/stryker',
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: process.env.MUTATION_REPORT ?? '.cache/mutation/report.json' },
  ignorePatterns: ['/.cache', '/dist', '/docs', '/bench', '/e2e', '/examples', '/python', '/public', '/test/fixtures'],
  // Words for people are not what the tests are for, nor are the messages of errors.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 20_000,
  // TypeScript 7 has no API to rewrite the real one with; nothing in the sandbox needs it rewritten.
  tsconfigFile: 'none.json',
};
