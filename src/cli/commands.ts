/** The commands of `relu-studio` by name, and the help that lists them. */
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT, UsageError } from './errors.ts';

const HELP = `usage: relu-studio COMMAND [options]

  count      DReLUs, multiplications, MACs, parameters and latency of an experiment; no GPU needed
  train      trains an experiment, or goes on with an interrupted one
  eval       evaluates a finished run from its files
  equalize   stage widths by ReLU equalization; no GPU needed
  bench      speed on this machine, beside stock tfjs
  fixture    checks the engine against PyTorch fixtures

"relu-studio COMMAND --help" explains one. Errors are one line on standard error.
Exit codes: 0 done, 1 the run failed, 2 bad arguments or input, 130 interrupted and resumable.
`;

interface Command {
  help: string | null;
  run: (args: string[]) => Promise<void | number> | void;
}

/** Only what a command needs is loaded. */
async function commandNamed(name: string): Promise<Command> {
  switch (name) {
    case 'count': {
      const { count, COUNT_HELP } = await import('./count.ts');
      return { help: COUNT_HELP, run: count };
    }
    case 'equalize': {
      const { equalize, EQUALIZE_HELP } = await import('./equalize.ts');
      return { help: EQUALIZE_HELP, run: equalize };
    }
    case 'train': {
      const { train, TRAIN_HELP } = await import('./train.ts');
      return { help: TRAIN_HELP, run: train };
    }
    case 'eval': {
      const { evaluate, EVAL_HELP } = await import('./eval.ts');
      return { help: EVAL_HELP, run: evaluate };
    }
    case 'bench': {
      const { bench } = await import('../../bench/bench.ts');
      // Its contenders run this very program again.
      return { help: null, run: (args) => bench(args, { script: process.argv[1], prefix: ['bench'] }) };
    }
    case 'fixture':
      return {
        help: null,
        run: async (args) => {
          process.argv = [...process.argv.slice(0, 2), ...args];
          await import('./fixture.ts');
          // It ends the process itself.
          await new Promise(() => undefined);
        },
      };
    default:
      throw new UsageError(`There is no command "${name}": it is count, train, eval, equalize, bench or fixture.`);
  }
}

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined)
    throw new UsageError(
      'A command is missing: count, train, eval, equalize, bench or fixture. See "relu-studio --help".',
    );
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  if (name === '--version') {
    process.stdout.write(`${packageJson.version}\n`);
    return EXIT.done;
  }
  const { help, run } = await commandNamed(name);
  if (help !== null && (rest.includes('--help') || rest.includes('-h'))) {
    process.stdout.write(help);
    return EXIT.done;
  }
  return (await run(rest)) ?? EXIT.done;
}
