/** The statistics that images are normalised with, as the SNL authors' code has them (design: algorithms §2). */
import { expect, test } from 'vitest';
import { NORMALISATION } from './formats.ts';

test('images are normalised with the mean and deviation of the SNL code', () => {
  expect(NORMALISATION).toEqual({
    'cifar-10': { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
    'cifar-100': { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
    'tiny-imagenet': { mean: [0.48, 0.448, 0.398], std: [0.277, 0.269, 0.282] },
  });
});
