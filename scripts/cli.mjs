#!/usr/bin/env node
/** `relu-studio`, in the repository `npm run cli -- …`: the command line of src/cli/main.ts. */
import { run } from './run.mjs';

await run('src/cli/main.ts', process.argv.slice(2));
