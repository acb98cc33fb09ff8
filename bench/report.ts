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
  const line = (row: string[]) => `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  return [line(head), `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`, ...rows.map(line)].join('\n');
};

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

function configurationTable(result: ConfigurationResult): string {
  const studio = result.contenders.find(({ name }) => name === 'studio');
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
    studio && c !== studio ? `${(c.msPerStep / studio.msPerStep).toFixed(2)}×` : '',
  ]);
  const head = ['contender', 'ms/step', 'images/s', 'GFLOP/s', 'of peak', 'dispatches', 'submits', 'host ms', 'first step s', 'MB', 'studio faster'];
  const losses = result.contenders.map((c) => `${c.name} ${c.losses.map((loss) => loss.toFixed(4)).join(' ')}`).join('; ');
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

function profileTable(rows: ProfileRow[], peak: number): string {
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const sorted = [...rows].sort((a, b) => b.ms - a.ms);
  return table(
    ['kernel', 'layer', 'ms', 'share of time', 'GFLOP/s', 'of peak'],
    sorted.map(({ kernel, layer, ms, flops }) => [
      kernel,
      layer,
      ms.toFixed(3),
      `${((100 * ms) / total).toFixed(1)} %`,
      flops ? digits(flops / ms / 1e6) : '',
      flops ? `${((100 * flops) / ms / 1e6 / peak).toFixed(0)} %` : '',
    ]),
  );
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
