/** The commands of `relu-studio` by name, and the help that lists them. */
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT, UsageError } from './errors.ts';

const HELP = `usage: relu-studio COMMAND [options]

  count      DReLUs, multiplications, MACs, parameters and latency of an experiment; no GPU needed
  train      trains an experiment, or goes on with an interrupted one
  sweep      several experiments with several seeds: means and spreads
  eval       evaluates a finished run from its files
  import     trained weights of PyTorch or another program, as a finished run; no GPU needed
  equalize   stage widths by ReLU equalization; no GPU needed
  bench      speed on this machine, beside stock tfjs
  fixture    checks the engine against PyTorch fixtures

"relu-studio COMMAND --help" explains one. Errors are one line on standard error.
Exit codes: 0 done, 1 the run failed, 2 bad arguments or input, 130 interrupted and resumable.
`;

const BENCH_HELP = `usage: relu-studio bench [--json] [--config NAME,…] [--contenders studio,stock,jax-js] [--rounds N] [--seconds S] [--profile]

Measures training steps on this machine's GPU, the studio's engine beside stock tfjs in the same run: images/s, ms a step, dispatches
a step, share of the best matrix multiplication. Ratios, medians over the rounds.

  --config NAME,…      network, input and batch (an unknown name lists all)
  --contenders NAME,…  studio, stock, jax-js
  --rounds N           rounds in turns
  --seconds S          seconds a round and contender
  --profile            also where a step's time goes, kernel by kernel
  --json               one JSON object on standard output
`;

interface Command {
  help: string;
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
    case 'sweep': {
      const { sweep, SWEEP_HELP } = await import('./sweep.ts');
      return { help: SWEEP_HELP, run: sweep };
    }
    case 'eval': {
      const { evaluate, EVAL_HELP } = await import('./eval.ts');
      return { help: EVAL_HELP, run: evaluate };
    }
    case 'import': {
      const { importCommand, IMPORT_HELP } = await import('./import.ts');
      return { help: IMPORT_HELP, run: importCommand };
    }
    case 'bench': {
      const { bench } = await import('../../bench/bench.ts');
      // Its contenders run this very program again.
      return { help: BENCH_HELP, run: (args) => bench(args, { script: process.argv[1], prefix: ['bench'] }) };
    }
    case 'fixture': {
      const { fixture, FIXTURE_HELP } = await import('./fixture.ts');
      return { help: FIXTURE_HELP, run: fixture };
    }
    default:
      throw new UsageError(
        `There is no command "${name}": it is count, train, sweep, eval, import, equalize, bench or fixture.`,
      );
  }
}

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined)
    throw new UsageError(
      'A command is missing: count, train, sweep, eval, import, equalize, bench or fixture. See "relu-studio --help".',
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
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(help);
    return EXIT.done;
  }
  return (await run(rest)) ?? EXIT.done;
}
