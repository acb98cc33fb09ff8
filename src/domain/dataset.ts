/** The choice of a data set in an experiment: which one, how much of it, and how it is split. */
import { z } from 'zod';
import { natural, seed } from './fields.ts';

export const datasetSchema = z.strictObject({
  /** synthetic is generated from `syntheticSeed`; the others are the user's files. */
  name: z.enum(['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet']),
  /** Use only the first N images of the part; null: all of them. Synthetic: how many to generate. */
  trainImages: natural.nullable().default(null),
  testImages: natural.nullable().default(null),
  /** Share of the training part held out for validation, drawn with the experiment's seed. */
  validationShare: z.number().min(0).max(0.9).default(0.1),
  syntheticSeed: seed.default(1),
});

export type DatasetChoice = z.infer<typeof datasetSchema>;

/** Classes of each data set. */
export const CLASSES = { synthetic: 10, 'cifar-10': 10, 'cifar-100': 100, 'tiny-imagenet': 200 } as const;
