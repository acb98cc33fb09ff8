/** The benchmark's result: as JSON, and as the tables that RESULTS.md collects. */
import type { ProfileRow } from './contenders/contender.ts';
import type { MatmulRate } from './contenders/matmul.ts';

export interface ContenderResult {
  name: string;
  msPerStep: number;
  imagesPerSecond: number;
  gflops: number;
  /** Of the best matmul rate of the same rounds. */
  shareOfMatmulPeak: number;
  /** How many times the studio's speed is this one's; undefined where the studio did not run. */
  studioFaster?: number;
  dispatchesPerStep: number;
  submitsPerStep: number;
  hostMsPerStep: number;
  firstStepMs: number;
  bytes: number;
  peakBytes: number;
  losses: number[];
  /** Every round's ms/step. */
  rounds: number[];
}

export interface ConfigurationResult {
  name: string;
  widths: number[];
  batch: number;
  flopsPerStep: number;
  matmul: { peak: number; kernels: MatmulRate[] };
  contenders: ContenderResult[];
  failures: { name: string; message: string }[];
  /** Whether all contenders' first losses agree to 4 digits. */
  lossesAgree: boolean;
  profile: ProfileRow[] | null;
}

export interface BenchResult {
  format: 'relu-studio/bench';
  version: 1;
  date: string;
  commit: string | null;
  command: string;
  adapter: string;
  software: boolean;
  node: string;
  cpus: number;
  polling: string;
  configurations: ConfigurationResult[];
}

const table = (head: string[], rows: string[][]): string => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  return [
    line(head),
    `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
};

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

function configurationTable(result: ConfigurationResult): string {
  const rows = result.contenders.map((c) => [
    c.name,
    digits(c.msPerStep),
    digits(c.imagesPerSecond),
    digits(c.gflops),
    `${(100 * c.shareOfMatmulPeak).toFixed(0)} %`,
    c.dispatchesPerStep.toFixed(0),
    c.submitsPerStep.toFixed(0),
    digits(c.hostMsPerStep),
    (c.firstStepMs / 1000).toFixed(1),
    (c.bytes / 1e6).toFixed(0),
    c.studioFaster !== undefined && c.name !== 'studio' ? `${c.studioFaster.toFixed(2)}×` : '',
  ]);
  const head = [
    'contender',
    'ms/step',
    'images/s',
    'GFLOP/s',
    'of peak',
    'dispatches',
    'submits',
    'host ms',
    'first step s',
    'MB',
    'studio faster',
  ];
  const losses = result.contenders
    .map((c) => `${c.name} ${c.losses.map((loss) => loss.toFixed(4)).join(' ')}`)
    .join('; ');
  const best = [...result.matmul.kernels].sort((a, b) => b.gflops - a.gflops)[0];
  return [
    `### ${result.name}: widths ${result.widths.join('/')}, batch ${result.batch}, ${(result.flopsPerStep / 1e9).toFixed(2)} GFLOP a step`,
    '',
    table(head, rows),
    '',
    ...(best ? [`Matmul peak ${digits(result.matmul.peak)} GFLOP/s (${best.kernel}, ${best.n}³). `] : []),
    `Losses of the first steps ${result.lossesAgree ? 'agree' : 'DISAGREE'}: ${losses}.`,
    ...result.failures.map(({ name, message }) => `${name} failed: ${message}`),
    ...(result.profile ? ['', profileTable(result.profile, result.matmul.peak)] : []),
  ].join('\n');
}

/** Dispatches shown one by one: those that take the most time. */
const PROFILE_TOP = 24;

/** What is done, without the layer: "forward", "input gradient", … */
const workOf = ({ label }: ProfileRow) => label.slice(label.indexOf(' ') + 1);

function profileTable(rows: ProfileRow[], peak: number): string {
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
  const groups = new Map<string, { seconds: number; flops: number; dispatches: number }>();
  for (const row of rows) {
    const group = groups.get(workOf(row)) ?? { seconds: 0, flops: 0, dispatches: 0 };
    groups.set(workOf(row), {
      seconds: group.seconds + row.seconds,
      flops: group.flops + row.flops,
      dispatches: group.dispatches + 1,
    });
  }
  const figures = ({ seconds, flops }: { seconds: number; flops: number }) => [
    (1000 * seconds).toFixed(3),
    `${((100 * seconds) / total).toFixed(1)} %`,
    flops ? digits(flops / seconds / 1e9) : '',
    flops ? `${((100 * flops) / seconds / 1e9 / peak).toFixed(0)} %` : '',
  ];
  const bySeconds = <T extends { seconds: number }>(list: T[]) => [...list].sort((a, b) => b.seconds - a.seconds);
  const head = ['ms', 'share of time', 'GFLOP/s', 'of peak'];
  const byWork = bySeconds([...groups].map(([work, group]) => ({ work, ...group })));
  return [
    `One step by GPU timestamps: ${(1000 * total).toFixed(1)} ms in ${rows.length} dispatches.`,
    '',
    table(
      ['work', 'dispatches', ...head],
      byWork.map((group) => [group.work, String(group.dispatches), ...figures(group)]),
    ),
    '',
    table(
      ['dispatch', 'kernel', ...head],
      bySeconds(rows)
        .slice(0, PROFILE_TOP)
        .map((row) => [row.label, row.kernel, ...figures(row)]),
    ),
  ].join('\n');
}

export function asText(result: BenchResult): string {
  return [
    `## ${result.date.slice(0, 10)}, ${result.adapter}${result.software ? ' (software)' : ''}`,
    '',
    `Commit ${result.commit ?? 'unknown'}, \`${result.command}\`, Node ${result.node}, ${result.cpus} CPU cores. ${result.polling}`,
    '',
    result.configurations.map(configurationTable).join('\n\n'),
  ].join('\n');
}
