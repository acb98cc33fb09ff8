/**
 * The table of `npm run shaders`: the dispatches of a training step on a GPU, laid out without one, with shape, workgroups, multiply-adds, bytes
 * and predicted time.
 */
import type { EngineSettings } from '../src/engine/api.ts';
import { trafficOf, type DispatchSpec } from '../src/engine/gpu/recording.ts';
import { DESCRIBED_GPUS, dispatchTime, fillOf, workgroupsOf } from '../src/engine/studio/costModel.ts';
import { plannedStep } from './plannedStep.ts';

/** The card whose fill the table shows. */
const LARGEST = DESCRIBED_GPUS.reduce((a, b) => (b.multiprocessors > a.multiprocessors ? b : a));
/** Dispatches that move less than this are over before a card could be filled. */
const SMALL_BYTES = 8e6;

export interface ShaderRow {
  /** Layer and pass of the first dispatch of its kind, and how many are alike. */
  label: string;
  count: number;
  kernel: string;
  file: string;
  grid: [number, number, number];
  workgroups: number;
  threads: number;
  /** Millions of multiply-adds, padding of the tile not counted, and the bytes, of one dispatch. */
  mmac: number;
  read: number;
  written: number;
  fill: number;
  /** Milliseconds of one dispatch on each described GPU. */
  milliseconds: number[];
}

/** Name of a kernel's WGSL file. */
export const fileOf = (key: string): string =>
  `${key
    .replace(/×/g, 'x')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()}.wgsl`;

/** One row for the dispatches of the same kernel, grid and bytes. */
function rowsOf(specs: readonly DispatchSpec[]): ShaderRow[] {
  const rows = new Map<string, ShaderRow>();
  for (const spec of specs) {
    const { read, written } = trafficOf(spec);
    const key = [spec.kernel.key, spec.grid, spec.flops ?? 0, read, written].join();
    const row = rows.get(key);
    if (row) row.count++;
    else
      rows.set(key, {
        label: spec.label,
        count: 1,
        kernel: spec.kernel.key,
        file: fileOf(spec.kernel.key),
        grid: spec.grid,
        workgroups: workgroupsOf(spec),
        threads: spec.kernel.threads,
        mmac: (spec.flops ?? 0) / 2e6,
        read,
        written,
        fill: fillOf(workgroupsOf(spec), spec.kernel.threads, LARGEST),
        milliseconds: DESCRIBED_GPUS.map((gpu) => 1000 * dispatchTime(spec, gpu)),
      });
  }
  return [...rows.values()];
}

/** Why a row may leave the largest card less than half filled; empty where it does not. */
function reasonOf({ fill, read, written, mmac }: ShaderRow): string {
  if (fill >= 0.5) return '';
  if (read + written < SMALL_BYTES && mmac < 50) return 'small';
  return 'too few workgroups';
}

export interface ShaderTable {
  name: string;
  batch: number;
  dispatches: number;
  gigabytes: number;
  gflop: number;
  milliseconds: number[];
  rows: ShaderRow[];
}

/** @throws what the engine throws where network, gates and batch do not fit together */
export function tableOf(
  name: string,
  settings: EngineSettings,
): { table: ShaderTable; specs: readonly DispatchSpec[] } {
  const specs = plannedStep(settings);
  const rows = rowsOf(specs);
  const total = (value: (row: ShaderRow) => number) => rows.reduce((sum, row) => sum + row.count * value(row), 0);
  return {
    specs,
    table: {
      name,
      batch: settings.batch,
      dispatches: specs.length,
      gigabytes: total(({ read, written }) => read + written) / 1e9,
      gflop: total(({ mmac }) => 2 * mmac) / 1e3,
      milliseconds: DESCRIBED_GPUS.map((_, g) => total(({ milliseconds }) => milliseconds[g])),
      rows,
    },
  };
}

/** The table as Markdown, with the predicted step and its most expensive line for each described GPU. */
export function asText({ name, batch, dispatches, gigabytes, gflop, milliseconds, rows }: ShaderTable): string {
  const head = [
    'dispatch',
    'times',
    'kernel',
    'workgroups',
    'threads',
    'MMAC',
    'MB',
    'fill',
    ...DESCRIBED_GPUS.map((_, g) => `ms ${'ABC'[g]}`),
    'note',
  ];
  const lines = rows.map((row) => [
    row.label,
    String(row.count),
    row.kernel,
    row.grid.join('×'),
    String(row.threads),
    row.mmac ? row.mmac.toFixed(0) : '',
    ((row.read + row.written) / 1e6).toFixed(1),
    row.fill.toFixed(2),
    ...row.milliseconds.map((ms) => ms.toFixed(3)),
    reasonOf(row),
  ]);
  const markdown = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const worst = DESCRIBED_GPUS.map((gpu, g) => {
    const row = rows.reduce((a, b) => (b.count * b.milliseconds[g] > a.count * a.milliseconds[g] ? b : a));
    return `${'ABC'[g]} ${gpu.name}: ${milliseconds[g].toFixed(1)} ms a step, ${((1000 * batch) / milliseconds[g]).toFixed(0)} images/s, ${(gflop / milliseconds[g]).toFixed(1)} TFLOP/s; most in ${row.label} (${row.count}×, ${(row.count * row.milliseconds[g]).toFixed(2)} ms)`;
  });
  return `### ${name}, batch ${batch}: ${dispatches} dispatches, ${gflop.toFixed(0)} GFLOP, ${gigabytes.toFixed(2)} GB read and written a step\n\n${worst.join('\n')}\n\n${markdown}\n`;
}
