/** The commands of `relu-studio` by name, and the help that lists them. */
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT, UsageError } from './errors.ts';

const HELP = `usage: relu-studio COMMAND [options]

  count      DReLUs, multiplications, MACs, parameters and latency of an experiment; no GPU needed
  train      trains an experiment, or resumes an interrupted run
  sweep      trains the runs of a sweep file, or several experiments with several seeds: means and standard deviations
  merge      joins the folders of a sweep's shards
  eval       evaluates a finished run from its files
  import     trained weights of PyTorch or another program, as a finished run; no GPU needed
  export     a finished run as ONNX, NumPy, tables, a list of gates or one zip file; no GPU needed
  equalize   stage widths by ReLU equalization; no GPU needed
  serve      private inference: the server's side of a finished run; no GPU needed
  infer      private inference: the client's side; no GPU needed
  deal       private inference: the dealer, in a process of its own
  bench      speed on this machine, beside stock tfjs
  fixture    checks the engine against PyTorch fixtures
  selfcheck  checks this GPU against PyTorch's numbers; writes a device report

"relu-studio COMMAND --help" describes its options. Errors are one line on standard error.
Exit codes: 0 done, 1 the run failed, 2 bad arguments or input, 130 interrupted (the same command resumes).
`;

const BENCH_HELP = `usage: relu-studio bench [--json] [--config NAME,…] [--contenders studio,stock,jax-js] [--rounds N] [--seconds S] [--profile]

Measures training steps on this machine's GPU, the studio's engine and stock tfjs in the same run: images/s, ms per step, dispatches
per step, fraction of the best matrix multiplication rate; medians over the rounds.

  --config NAME,…      network, input and batch (an unknown name lists all)
  --contenders NAME,…  studio, stock, jax-js
  --rounds N           rounds, the contenders taking turns
  --seconds S          seconds per round and contender
  --profile            also the time of each kernel in a step
  --json               one JSON object on standard output
`;

interface Command {
  help: string;
  run: (args: string[]) => Promise<void | number> | void;
}

/** Loads only the modules that the command needs. */
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
    case 'merge': {
      const { merge, MERGE_HELP } = await import('./merge.ts');
      return { help: MERGE_HELP, run: merge };
    }
    case 'eval': {
      const { evaluate, EVAL_HELP } = await import('./eval.ts');
      return { help: EVAL_HELP, run: evaluate };
    }
    case 'import': {
      const { importCommand, IMPORT_HELP } = await import('./import.ts');
      return { help: IMPORT_HELP, run: importCommand };
    }
    case 'export': {
      const { exportCommand, EXPORT_HELP } = await import('./export.ts');
      return { help: EXPORT_HELP, run: exportCommand };
    }
    case 'serve': {
      const { serve, SERVE_HELP } = await import('./serve.ts');
      return { help: SERVE_HELP, run: serve };
    }
    case 'infer': {
      const { infer, INFER_HELP } = await import('./infer.ts');
      return { help: INFER_HELP, run: infer };
    }
    case 'deal': {
      const { dealCommand, DEAL_HELP } = await import('./serve.ts');
      return { help: DEAL_HELP, run: dealCommand };
    }
    case 'bench': {
      const { bench } = await import('../../bench/bench.ts');
      // Its contenders run this program in processes of their own.
      return { help: BENCH_HELP, run: (args) => bench(args, { script: process.argv[1], prefix: ['bench'] }) };
    }
    case 'fixture': {
      const { fixture, FIXTURE_HELP } = await import('./fixture.ts');
      return { help: FIXTURE_HELP, run: fixture };
    }
    case 'selfcheck': {
      const { selfcheck, SELFCHECK_HELP } = await import('./selfcheck.ts');
      return { help: SELFCHECK_HELP, run: selfcheck };
    }
    default:
      throw new UsageError(
        `There is no command "${name}": it is count, train, sweep, eval, import, export, equalize, serve, infer, deal, bench, fixture or selfcheck.`,
      );
  }
}

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined)
    throw new UsageError(
      'A command is missing: count, train, sweep, eval, import, export, equalize, serve, infer, deal, bench, fixture or selfcheck. See "relu-studio --help".',
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
