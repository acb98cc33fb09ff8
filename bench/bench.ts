/**
 * `npm run bench` and `relu-studio bench`: the studio's engine beside stock tfjs, jax-js and the best matmul kernel, on the adapter at hand.
 *
 * Every contender runs in a process of its own, all of them alive at once; they are measured in turns, round by round, so that
 * whatever else the machine does falls on all alike. Reported are medians over the rounds; ratios between two are taken round by
 * round, and then their median.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { ProfileRow } from './contenders/contender.ts';
import type { MatmulRate } from './contenders/matmul.ts';
import {
  serveContender,
  type ContenderName,
  type FromContender,
  type Measured,
  type Opened,
  type ToContender,
} from './contenderProcess.ts';
import { asText, type BenchResult, type ConfigurationResult, type ContenderResult } from './report.ts';
import { CONFIGURATIONS, flopsOf, type Configuration } from './workload.ts';

const USAGE = `usage: bench [--json] [--config NAME,…] [--contenders studio,stock,jax-js] [--rounds N] [--seconds S] [--profile]
configurations: ${CONFIGURATIONS.map(({ name, hardware }) => name + (hardware ? ' (real GPU)' : '')).join(', ')}`;
/** Losses of so many first steps are compared. */
const LOSS_STEPS = 3;
const MATMUL_MS = 150;

/** Bad arguments; the message says which. */
export class BenchUsageError extends Error {
  override name = 'BenchUsageError';
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

type Answer<T extends FromContender['type']> =
  Extract<FromContender, { type: T }> extends { result: infer R } ? R : never;

/** A contender's process, spoken to one request at a time. */
class Remote {
  readonly name: ContenderName;
  private readonly child: ChildProcess;

  constructor(name: ContenderName, script: string, prefix: string[]) {
    this.name = name;
    this.child = fork(script, [...prefix, '--contender'], {
      stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore', 'ipc'],
    });
  }

  ask<T extends Exclude<FromContender['type'], 'failed'>>(request: ToContender, _answer: T): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      const finish = (action: () => void) => {
        this.child.off('message', onMessage);
        this.child.off('exit', onExit);
        action();
      };
      const onMessage = (message: FromContender) =>
        finish(() =>
          message.type === 'failed' ? reject(new Error(message.message)) : resolve(message.result as Answer<T>),
        );
      const onExit = (code: number | null, signal: string | null) =>
        finish(() => reject(new Error(`its process ended with ${signal ?? code}`)));
      this.child.on('message', onMessage);
      this.child.on('exit', onExit);
      this.child.send(request);
    });
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }
}

interface Options {
  json: boolean;
  names: string[] | null;
  contenders: ContenderName[];
  rounds: number;
  /** Least duration of one contender's turn. */
  seconds: number;
  profile: boolean;
}

function parseOptions(args: string[]): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        config: { type: 'string' },
        contenders: { type: 'string', default: 'studio,stock,jax-js' },
        rounds: { type: 'string', default: '7' },
        seconds: { type: 'string', default: '1' },
        profile: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new BenchUsageError(`${(cause as Error).message}\n${USAGE}`, { cause });
  }
  const names = values.config?.split(',') ?? null;
  const unknown = names?.find((name) => !CONFIGURATIONS.some((configuration) => configuration.name === name));
  if (unknown !== undefined) throw new BenchUsageError(`There is no configuration "${unknown}".\n${USAGE}`);
  const contenders = values.contenders.split(',');
  const stranger = contenders.find((name) => !['studio', 'stock', 'jax-js'].includes(name));
  if (stranger !== undefined) throw new BenchUsageError(`There is no contender "${stranger}".\n${USAGE}`);
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  if (!Number.isInteger(rounds) || rounds < 1 || !(seconds > 0))
    throw new BenchUsageError(`--rounds is a whole number, --seconds a positive one.\n${USAGE}`);
  return {
    json: values.json,
    names,
    contenders: contenders as ContenderName[],
    rounds,
    seconds,
    profile: values.profile,
  };
}

function commit(): string | null {
  if (process.env.BENCH_COMMIT) return process.env.BENCH_COMMIT;
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

const say = (text: string) => process.stderr.write(`${text}\n`);

/**
 * To 4 digits on the first two losses. Later ones may part a little: a pre-activation that rounding puts on the other side of zero
 * flips a gate, and two right implementations differ by parts in a thousand one step later.
 */
const agree = (contenders: ContenderResult[]): boolean =>
  contenders.every(({ losses }) =>
    losses.every((loss, i) => Math.abs(loss - contenders[0].losses[i]) <= (i < 2 ? 5e-4 : 5e-3) * Math.abs(loss)),
  );

async function runConfiguration(
  configuration: Configuration,
  matmul: Remote,
  options: Options,
  makeRemote: (name: ContenderName) => Remote,
): Promise<ConfigurationResult> {
  const failures: ConfigurationResult['failures'] = [];
  const running: { remote: Remote; opened: Opened; steps: number; turns: Measured[] }[] = [];
  const rates: MatmulRate[][] = [];
  let profile: ProfileRow[] | null = null;
  for (const name of options.contenders) {
    const remote = makeRemote(name);
    try {
      say(`${configuration.name}: ${name} compiles and takes ${LOSS_STEPS} steps`);
      const opened = await remote.ask(
        { type: 'open', contender: name, configuration: configuration.name, lossSteps: LOSS_STEPS },
        'opened',
      );
      const { msPerStep } = await remote.ask({ type: 'steps', count: 1 }, 'measured');
      running.push({ remote, opened, steps: Math.max(1, Math.ceil((1000 * options.seconds) / msPerStep)), turns: [] });
    } catch (error) {
      failures.push({ name, message: (error as Error).message });
      remote.close();
    }
  }
  for (let round = 0; round < options.rounds; round++) {
    rates.push(await matmul.ask({ type: 'rates', milliseconds: MATMUL_MS }, 'rates'));
    for (const { remote, steps, turns } of running)
      turns.push(await remote.ask({ type: 'steps', count: steps }, 'measured'));
    say(
      `${configuration.name}: round ${round + 1} of ${options.rounds}: ${running.map(({ remote, turns }) => `${remote.name} ${turns[round].msPerStep.toFixed(1)} ms`).join(', ')}`,
    );
  }
  const studio = running.find(({ remote }) => remote.name === 'studio');
  if (options.profile && studio) profile = await studio.remote.ask({ type: 'profile' }, 'profile');
  for (const { remote } of running) remote.close();

  const kernels = rates[0].map((rate, i) => ({ ...rate, gflops: median(rates.map((round) => round[i].gflops)) }));
  const peak = Math.max(...kernels.map(({ gflops }) => gflops));
  const best = kernels.findIndex(({ gflops }) => gflops === peak);
  const flopsPerStep = flopsOf(configuration);
  const contenders = running.map(({ remote, opened, turns }): ContenderResult => {
    const middle = (key: keyof Measured) => median(turns.map((turn) => turn[key]));
    const msPerStep = middle('msPerStep');
    const rate = (ms: number) => flopsPerStep / ms / 1e6;
    const last = turns[turns.length - 1];
    return {
      name: remote.name,
      msPerStep,
      imagesPerSecond: (1000 * configuration.batch) / msPerStep,
      gflops: rate(msPerStep),
      shareOfMatmulPeak: median(turns.map((turn, round) => rate(turn.msPerStep) / rates[round][best].gflops)),
      studioFaster: studio && median(turns.map((turn, round) => turn.msPerStep / studio.turns[round].msPerStep)),
      dispatchesPerStep: middle('dispatchesPerStep'),
      submitsPerStep: middle('submitsPerStep'),
      hostMsPerStep: middle('hostMsPerStep'),
      firstStepMs: opened.firstStepMs,
      bytes: last.bytes,
      peakBytes: last.peakBytes,
      losses: opened.losses,
      rounds: turns.map((turn) => turn.msPerStep),
    };
  });
  return {
    name: configuration.name,
    widths: configuration.network.widths,
    batch: configuration.batch,
    flopsPerStep,
    matmul: { peak, kernels },
    contenders,
    failures,
    lossesAgree: agree(contenders),
    profile,
  };
}

/**
 * Runs the benchmark and prints its result.
 * @param args the benchmark's own arguments
 * @param invocation the script that leads here and the arguments before `args`, to start contenders with
 * @returns the exit code
 */
export async function bench(args: string[], invocation: { script: string; prefix: string[] }): Promise<number> {
  if (args[0] === '--contender') {
    await serveContender();
    return new Promise(() => {});
  }
  const options = parseOptions(args);
  const makeRemote = (name: ContenderName) => new Remote(name, invocation.script, invocation.prefix);
  const matmul = makeRemote('matmul');
  try {
    const { adapter, software } = await matmul.ask(
      { type: 'open', contender: 'matmul', configuration: '', lossSteps: 0 },
      'opened',
    );
    say(`adapter: ${adapter}`);
    const chosen = CONFIGURATIONS.filter(
      ({ name, hardware }) => options.names?.includes(name) ?? (!hardware || !software),
    );
    const configurations: ConfigurationResult[] = [];
    for (const configuration of chosen)
      configurations.push(await runConfiguration(configuration, matmul, options, makeRemote));
    const result: BenchResult = {
      format: 'relu-studio/bench',
      version: 1,
      date: new Date().toISOString(),
      commit: commit(),
      command: ['bench', ...args].join(' '),
      adapter,
      software,
      node: process.versions.node,
      cpus: availableParallelism(),
      polling: "Dawn's completion polling slowed to once in 2 ms for every contender.",
      configurations,
    };
    console.log(options.json ? JSON.stringify(result, null, 2) : asText(result));
    return configurations.some(({ failures }) => failures.length) ? 1 : 0;
  } finally {
    matmul.close();
  }
}
