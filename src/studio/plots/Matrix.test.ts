/** Resampling a matrix to the pixels of its canvas. */
import { expect, test } from 'vitest';
import { resampled } from './Matrix.tsx';

test('cells larger than a pixel fill several, smaller ones are averaged', () => {
  expect([...resampled([1, 2, 3, 4], 2, 2, 2, 4)]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  expect([...resampled([1, 3, 5, 7], 1, 4, 1, 2)]).toEqual([2, 6]);
  expect([...resampled([1, 0, 0, 1], 2, 2, 1, 1)]).toEqual([0.5]);
});
