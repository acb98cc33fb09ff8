/** `relu-studio equalize`: stage widths whose ReLU counts follow a given order of criticality. */
import { DEFAULT_LIMITS, equalize as solve, solutionDetails, type EqualizerLimits } from '../domain/equalize.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { UsageError } from './errors.ts';
import { readOptions, required, wholeNumber, wholeNumbers } from './options.ts';
import { table } from './table.ts';

export const EQUALIZE_HELP = `usage: relu-studio equalize --blocks 2,2,2,2 --order 3,2,4,1 [--json]

Finds integer channel multipliers with which the ReLU counts of the stages follow the order of criticality, smallest first.

  --blocks N,…     residual blocks of each stage
  --order S,…      stages, most critical first
  --base N         channels of the first stage (16)
  --min N          smallest multiplier (${DEFAULT_LIMITS.min})
  --max N          largest multiplier (${DEFAULT_LIMITS.max})
  --others N       also N solutions that are not minimal (0)
  --input N        image size (32)
  --classes N      number of classes (100)
  --stem-gate      a ReLU after the stem
  --json           one JSON object on standard output instead of a table
`;

export interface EqualizeSettings {
  blocks: number[];
  order: number[];
  base: number;
  limits: EqualizerLimits;
  input: number;
  classes: number;
  stemGate: boolean;
}

/** The output of `--json`. */
export function equalizeReport({ blocks, order, base, limits, input, classes, stemGate }: EqualizeSettings) {
  const { solutions, complete, inequalities } = solve(blocks, order, limits);
  const spec: NetworkSpec = {
    family: 'cifar-resnet',
    blocks,
    widths: blocks.map(() => base),
    stemGate,
    inputShape: [3, input, input],
    classes,
  };
  return {
    blocks,
    order,
    inequalities,
    complete,
    solutions: solutions.map(({ multipliers, minimal }) => ({ minimal, ...solutionDetails(spec, multipliers) })),
  };
}

function asText({ solutions, complete }: ReturnType<typeof equalizeReport>): string {
  const whole = (n: number) => n.toLocaleString('en');
  const rows = solutions.map((solution) => [
    solution.multipliers.join('-'),
    solution.widths.join('/'),
    solution.stages.map(whole).join(' '),
    whole(solution.drelus),
    whole(solution.macs),
    `${solution.offlineSeconds.toFixed(0)} s`,
    `${solution.onlineSeconds.toFixed(0)} s`,
    solution.minimal ? 'minimal' : '',
  ]);
  const head = ['multipliers', 'widths', 'ReLUs a stage', 'DReLUs', 'MACs', 'offline', 'online', ''];
  const found = solutions.length === 0 ? 'No multipliers within the limits.\n' : table([head, ...rows]);
  return complete ? found : `${found}The search was cut off: there may be more.\n`;
}

export function equalize(args: readonly string[]): void {
  const options = readOptions<Record<string, string | undefined> & { json?: boolean; 'stem-gate'?: boolean }>(
    'equalize',
    args,
    {
      blocks: { type: 'string' },
      order: { type: 'string' },
      base: { type: 'string', default: '16' },
      min: { type: 'string', default: String(DEFAULT_LIMITS.min) },
      max: { type: 'string', default: String(DEFAULT_LIMITS.max) },
      others: { type: 'string', default: '0' },
      input: { type: 'string', default: '32' },
      classes: { type: 'string', default: '100' },
      'stem-gate': { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  );
  const number = (name: string, least = 1) => wholeNumber(options[name]!, `--${name}`, least);
  let report;
  try {
    report = equalizeReport({
      blocks: wholeNumbers(required(options.blocks, '--blocks', 'equalize'), '--blocks'),
      order: wholeNumbers(required(options.order, '--order', 'equalize'), '--order'),
      base: number('base'),
      limits: { min: number('min'), max: number('max'), others: number('others', 0) },
      input: number('input'),
      classes: number('classes'),
      stemGate: options['stem-gate'] ?? false,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : asText(report));
}
