/** Sorting of the table of runs: by any column, missing values last. */
import type { RunSummary } from '../../worker/protocol.ts';
import { networkName } from '../../domain/describe.ts';

export const COLUMNS = [
  'name',
  'status',
  'network',
  'drelus',
  'multiplications',
  'validationAccuracy',
  'testAccuracy',
  'seconds',
  'createdAt',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  by: Column;
  descending: boolean;
}

const valueOf = (run: RunSummary, by: Column): string | number | null =>
  by === 'network' ? networkName(run.experiment.network) : run[by];

export function sorted(runs: RunSummary[], { by, descending }: Sorting): RunSummary[] {
  return runs.toSorted((a, b) => {
    const [x, y] = [valueOf(a, by), valueOf(b, by)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order =
      typeof x === 'number' && typeof y === 'number'
        ? x - y
        : String(x).localeCompare(String(y), 'en', { numeric: true });
    return descending ? -order : order;
  });
}
