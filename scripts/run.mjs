/**
 * Runs a TypeScript program of this project in this process, so that arguments, exit code, standard input and signals are its own.
 *
 *   node scripts/run.mjs bench/main.ts --json
 */
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

/** Bundles `entry` and runs it with `args`. */
export async function run(entry, args) {
  let file;
  try {
    file = await bundle(entry);
  } catch (error) {
    console.error(`${entry} could not be built: ${error.message}`);
    process.exit(1);
  }
  process.argv = [process.argv[0], file, ...args];
  if (process.sourceMapsEnabled === false) process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [entry, ...args] = process.argv.slice(2);
  await run(entry, args);
}
