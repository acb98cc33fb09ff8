/**
 * The Pareto front of finished networks: as accurate as possible with as few DReLUs as possible.
 *
 * A point dominates another if it needs no more DReLUs and is no less accurate, and is better in one of the two. Points equal in
 * both do not dominate each other: both stand on the front.
 */
export interface ParetoPoint {
  drelus: number;
  /** Any scale, higher is better. */
  accuracy: number;
}

export const dominates = (a: ParetoPoint, b: ParetoPoint): boolean =>
  a.drelus <= b.drelus && a.accuracy >= b.accuracy && (a.drelus < b.drelus || a.accuracy > b.accuracy);

/** The points that no other dominates, by rising DReLUs; ties stay, in the order given. Points that are no numbers are left out. */
export function frontOf<T extends ParetoPoint>(points: readonly T[]): T[] {
  const sorted = points
    .filter((point) => Number.isFinite(point.drelus) && Number.isFinite(point.accuracy))
    .toSorted((a, b) => a.drelus - b.drelus || b.accuracy - a.accuracy);
  const front: T[] = [];
  for (const point of sorted) {
    const last = front.at(-1);
    if (!last || point.accuracy > last.accuracy || !dominates(last, point)) front.push(point);
  }
  return front;
}

/** The best accuracy known with at most so many DReLUs; null where nothing is known there. */
export function accuracyAt(points: readonly ParetoPoint[], drelus: number): number | null {
  const within = points.filter((point) => point.drelus <= drelus).map((point) => point.accuracy);
  return within.length > 0 ? Math.max(...within) : null;
}

/**
 * Area that the points dominate up to a reference (more DReLUs, less accuracy than any of interest), DReLUs on a logarithmic
 * axis to base 10 as the plots draw them: one number to compare two sets of runs by. Points beyond the reference add nothing.
 */
export function hypervolume(points: readonly ParetoPoint[], reference: ParetoPoint): number {
  const front = frontOf(points).filter(
    (point) => point.drelus >= 1 && point.drelus < reference.drelus && point.accuracy > reference.accuracy,
  );
  return front.reduce((area, point, i) => {
    const next = front[i + 1]?.drelus ?? reference.drelus;
    return area + Math.log10(next / point.drelus) * (point.accuracy - reference.accuracy);
  }, 0);
}
