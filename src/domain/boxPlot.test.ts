/** Box plot statistics against values computed by hand. */
import { describe, expect, it } from 'vitest';
import { boxPlot } from './boxPlot.ts';

describe('box plots', () => {
  it('have numpy’s quartiles and Tukey’s whiskers', () => {
    // numpy.percentile([1,2,3,4,5,6,7,8,9,100], [25,50,75]) = 3.25, 5.5, 7.75; fences −3.5 and 14.5
    expect(boxPlot([9, 8, 7, 6, 5, 4, 3, 2, 1, 100])).toEqual({
      count: 10,
      mean: 14.5,
      low: 1,
      firstQuartile: 3.25,
      median: 5.5,
      thirdQuartile: 7.75,
      high: 9,
      outliers: [100],
    });
    expect(boxPlot([3])).toMatchObject({ low: 3, median: 3, high: 3, outliers: [] });
    expect(boxPlot([NaN])).toBeNull();
  });
});
