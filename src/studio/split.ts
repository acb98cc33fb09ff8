/** Number of training, validation and test images of an experiment with the data that are loaded. */
import type { Experiment } from '../domain/experiment.ts';
import type { DataSummary } from '../worker/protocol.ts';

export interface Split {
  train: number;
  validation: number;
  test: number;
}

/** null where the data set is not loaded. The built-in one always is: it is generated when needed. */
export function splitOf({ dataset }: Pick<Experiment, 'dataset'>, data: DataSummary[] | null): Split | null {
  const held = data?.find(({ name }) => name === dataset.name);
  const synthetic = dataset.name === 'synthetic';
  if (!held && !synthetic) return null;
  const part = (wanted: number | null, there: number | undefined, byDefault: number) =>
    synthetic ? (wanted ?? byDefault) : Math.min(wanted ?? Infinity, there ?? 0);
  const all = part(dataset.trainImages, held?.train.images, 10_000);
  const validation = Math.round(all * dataset.validationShare);
  return { train: all - validation, validation, test: part(dataset.testImages, held?.test.images, 2000) };
}
