/** How many images train, validate and test: the data set there is, cut as the experiment says. */
import type { Experiment } from '../domain/experiment.ts';
import type { DataSummary } from '../worker/protocol.ts';

export interface Split {
  train: number;
  validation: number;
  test: number;
}

/** null where the data set is not there. The built-in one always is: it is drawn when it is needed. */
export function splitOf({ dataset }: Pick<Experiment, 'dataset'>, data: DataSummary[] | null): Split | null {
  const held = data?.find(({ name }) => name === dataset.name);
  const drawn = dataset.name === 'synthetic';
  if (!held && !drawn) return null;
  const part = (wanted: number | null, there: number | undefined, usual: number) =>
    drawn ? (wanted ?? usual) : Math.min(wanted ?? Infinity, there ?? 0);
  const all = part(dataset.trainImages, held?.train.images, 10_000);
  const validation = Math.round(all * dataset.validationShare);
  return { train: all - validation, validation, test: part(dataset.testImages, held?.test.images, 2000) };
}
