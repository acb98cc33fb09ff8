/** Epochs of several runs as rows over one axis of steps, a column a run. */
import type { EpochRecord } from '../../training/events.ts';

export interface CompareRow {
  step: number;
  /** Value of each run at this step, by run id. */
  [run: string]: number | null;
}

export type Measure = 'validation' | 'test' | 'train' | 'drelus';

const valueOf = (epoch: EpochRecord, measure: Measure): number | null =>
  measure === 'drelus' ? epoch.drelus : measure === 'train' ? epoch.train.accuracy : (epoch[measure]?.accuracy ?? null);

export function compareRows(runs: { id: string; epochs: EpochRecord[] }[], measure: Measure): CompareRow[] {
  const rows = new Map<number, CompareRow>();
  for (const { id, epochs } of runs)
    for (const epoch of epochs) {
      const row = rows.get(epoch.step) ?? { step: epoch.step };
      row[id] = valueOf(epoch, measure);
      rows.set(epoch.step, row);
    }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}
