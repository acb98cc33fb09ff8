/** Sorting of the solutions table: by any column, ties by the multipliers; without a column, in the equalizer's order. */
import type { SolutionDetails } from '../../domain/equalize.ts';

export type SortKey = 'multipliers' | 'widths' | 'drelus' | 'macs' | 'parameters' | 'offlineSeconds' | 'onlineSeconds';

/** Lists of numbers compare entry by entry. */
function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? a.length - b.length : a[at] - (b[at] ?? -Infinity);
}

const compare = (a: SolutionDetails, b: SolutionDetails, key: SortKey): number => {
  const [x, y] = [a[key], b[key]];
  return typeof x === 'number' ? x - (y as number) : compareLists(x, y as number[]);
};

export function sortRows<T extends SolutionDetails>(rows: readonly T[], key: SortKey | null, down: boolean): T[] {
  if (key === null) return [...rows];
  return rows.toSorted((a, b) => (down ? -1 : 1) * compare(a, b, key) || compareLists(a.multipliers, b.multipliers));
}
