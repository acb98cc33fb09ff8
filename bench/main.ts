/** Entry of `npm run bench`. */
import { bench, BenchUsageError } from './bench.ts';

bench(process.argv.slice(2), { script: process.argv[1], prefix: [] }).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error((error as Error).message);
    process.exit(error instanceof BenchUsageError ? 2 : 1);
  },
);
