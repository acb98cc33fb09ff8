/**
 * Five numbers and outliers of a sample, as Tukey draws them: quartiles by linear interpolation (numpy's default), whiskers at
 * the farthest values within 1.5 interquartile ranges of the box.
 */
export interface BoxPlot {
  count: number;
  mean: number;
  low: number;
  firstQuartile: number;
  median: number;
  thirdQuartile: number;
  high: number;
  /** Values beyond the whiskers, ascending. */
  outliers: number[];
}

/** `sorted` ascending, not empty; share 0 … 1. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Null for an empty sample; values that are no numbers are left out. */
export function boxPlot(values: ArrayLike<number>): BoxPlot | null {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const [firstQuartile, median, thirdQuartile] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const reach = 1.5 * (thirdQuartile - firstQuartile);
  const inside = sorted.filter((value) => value >= firstQuartile - reach && value <= thirdQuartile + reach);
  return {
    count: sorted.length,
    mean: sorted.reduce((a, b) => a + b, 0) / sorted.length,
    low: Math.min(inside[0], firstQuartile),
    firstQuartile,
    median,
    thirdQuartile,
    high: Math.max(inside.at(-1)!, thirdQuartile),
    outliers: sorted.filter((value) => value < inside[0] || value > inside.at(-1)!),
  };
}
