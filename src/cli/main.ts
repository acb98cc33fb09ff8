/**
 * `relu-studio`: the engine and trainer without the page (design: formats).
 * Exit codes: 0 done; 1 the run failed; 2 bad arguments or input; 130 interrupted, resumable.
 */
import { main } from './commands.ts';
import { exitCodeOf, oneLine } from './errors.ts';

/** Output may go to a pipe: the process ends once it is written. */
function end(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

main(process.argv.slice(2)).then(end, (error: unknown) => {
  process.stderr.write(`${oneLine(error)}\n`);
  end(exitCodeOf(error));
});
