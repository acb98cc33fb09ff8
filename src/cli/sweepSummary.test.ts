/** Means and standard deviations of a sweep over its seeds. */
import { expect, it } from 'vitest';
import { spreadOf, summarise, sweepTable } from './sweepSummary.ts';

const result = (testAccuracy: number | null, drelus = 15_360) => ({
  drelus,
  macs: 8_872_576,
  testAccuracy,
  validationAccuracy: 0.5,
});

it('uses the sample standard deviation', () => {
  // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares sum to 32, over n − 1 = 7.
  expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toMatchObject({ mean: 5, deviation: Math.sqrt(32 / 7) });
  expect(spreadOf([3])).toMatchObject({ mean: 3, deviation: null });
  expect(spreadOf([])).toMatchObject({ mean: null, deviation: null });
});

it('groups runs by experiment in order, and counts failed ones', () => {
  const summaries = summarise([
    { name: 'b', seed: 1, result: result(0.4) },
    { name: 'a', seed: 1, result: result(null) },
    { name: 'b', seed: 2, result: result(0.44, 15_362) },
    { name: 'b', seed: 3, result: null },
  ]);
  expect(summaries.map(({ name, drelus, failed }) => [name, drelus, failed])).toEqual([
    ['b', 15_361, 1],
    ['a', 15_360, 0],
  ]);
  expect(summaries[0].testAccuracy.mean).toBeCloseTo(0.42, 12);
  const text = sweepTable(summaries);
  expect(text).toContain('42.0 ± 2.8 %');
  expect(text.split('\n')[2]).toMatch(/^a .*50\.0 % +– +1 +0$/);
});
