/** Epochs of several runs as rows over one step axis, with one column per run. */
import type { EpochRecord } from '../../training/events.ts';
import type { StepRow } from './liveRows.ts';

export type Measure = 'validation' | 'test' | 'train' | 'drelus';

const valueOf = (epoch: EpochRecord, measure: Measure): number | null =>
  measure === 'drelus' ? epoch.drelus : measure === 'train' ? epoch.train.accuracy : (epoch[measure]?.accuracy ?? null);

export function compareRows(runs: { key: string; epochs: EpochRecord[] }[], measure: Measure): StepRow[] {
  const rows = new Map<number, StepRow>();
  for (const { key, epochs } of runs)
    for (const epoch of epochs) {
      const row: StepRow = rows.get(epoch.step) ?? { step: epoch.step };
      row[key] = valueOf(epoch, measure);
      rows.set(epoch.step, row);
    }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}
