/** The data of a run: one image set on the GPU and three lists of indices into it, as data/dataset.ts `arrange` makes it. */
import type { Experiment } from '../domain/experiment.ts';
import type { ImageSet } from '../engine/api.ts';
import { PlanError } from './errors.ts';

export interface TrainingData {
  images: ImageSet;
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/** @throws PlanError where the network cannot take these images or labels. */
export function checkData({ images }: TrainingData, { network }: Experiment): void {
  if (images.shape.join() !== network.inputShape.join())
    throw new PlanError(
      `The images are ${images.shape.join('×')}, the network takes ${network.inputShape.join('×')}: set network.inputShape.`,
    );
  let highest = 0;
  for (const label of images.labels) highest = Math.max(highest, label);
  if (highest >= network.classes)
    throw new PlanError(
      `The data has ${highest + 1} classes, the network has ${network.classes}: set network.classes.`,
    );
}

/** One sentence for each part of the data set with fewer images than the experiment asks for. */
export function shortfalls({ train, validation, test }: TrainingData, { dataset }: Experiment): string[] {
  const found = { train: train.length + validation.length, test: test.length };
  return (['train', 'test'] as const).flatMap((part) => {
    const wanted = dataset[`${part}Images`];
    return wanted !== null && wanted > found[part]
      ? [`The experiment asks for ${wanted} ${part} images, the data has ${found[part]}: all of them are used.`]
      : [];
  });
}
