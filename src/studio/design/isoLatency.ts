/**
 * Lines of equal latency over (ReLUs, MACs).
 *
 *   T(R, M) ≈ a + b·R + c·M,   a, b, c ≥ 0
 *
 * Latency is not exactly a function of these two numbers: homomorphic evaluation also depends on the layers of the MACs, and its
 * bytes on the activations. The plane is therefore fitted to the networks in the plot by least squares of relative errors, and the
 * largest relative error is shown with the lines.
 */
import { logDomain } from '../plots/scales.ts';

export interface LatencyPoint {
  relus: number;
  macs: number;
  seconds: number;
}

export interface LatencyPlane {
  /** Seconds, seconds per ReLU, seconds per MAC. */
  fixed: number;
  perRelu: number;
  perMac: number;
  /** Largest |fit / model − 1| over the points. */
  error: number;
}

/** Solves A·x = y for a few unknowns by elimination with pivots; null where A is singular. */
export function solve(a: number[][], y: number[]): number[] | null {
  const n = y.length;
  const rows = a.map((row, i) => [...row, y[i]]);
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    if (Math.abs(rows[pivot][k]) < 1e-12) return null;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[n] / row[k]);
}

/** Which of (1, R, M) take part: with three unknowns every subset is tried, which is exact non-negative least squares. */
const SUBSETS = [[0, 1, 2], [0, 1], [0, 2], [1, 2], [0], [1], [2]];

/** @returns null for fewer than three points. */
export function fitPlane(points: readonly LatencyPoint[]): LatencyPlane | null {
  if (points.length < 3) return null;
  const scale = [1, Math.max(...points.map((p) => p.relus)), Math.max(...points.map((p) => p.macs))];
  if (scale.some((s) => !(s > 0)) || points.some((p) => !(p.seconds > 0))) return null;
  // Each equation divided by its own seconds: a relative error.
  const rows = points.map((p) => [1, p.relus / scale[1], p.macs / scale[2]].map((value) => value / p.seconds));
  let best: { weights: number[]; squares: number } | null = null;
  for (const subset of SUBSETS) {
    const normal = subset.map((i) => subset.map((j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)));
    const solution = solve(
      normal,
      subset.map((i) => rows.reduce((sum, row) => sum + row[i], 0)),
    );
    if (!solution || solution.some((value) => value < 0)) continue;
    const weights = [0, 0, 0];
    subset.forEach((i, k) => (weights[i] = solution[k]));
    const squares = rows.reduce(
      (sum, row) => sum + (row.reduce((t, value, i) => t + value * weights[i], 0) - 1) ** 2,
      0,
    );
    if (!best || squares < best.squares - 1e-12) best = { weights, squares };
  }
  if (!best) return null;
  const { weights } = best;
  const error = Math.max(...rows.map((row) => Math.abs(row.reduce((t, value, i) => t + value * weights[i], 0) - 1)));
  return { fixed: weights[0], perRelu: weights[1] / scale[1], perMac: weights[2] / scale[2], error };
}

export interface Range {
  from: number;
  to: number;
}

/** A frame around the values with ends at 1, 2 or 5 times a power of ten, so that it stays in place while a point inside moves. */
export function frameOf(values: readonly number[]): Range {
  const [from, to] = logDomain(values, 1.25);
  return { from, to };
}

/** Points of the line T = seconds inside the frame, in the order of their ReLUs; empty where it does not cross the frame. */
export function isoLine(
  plane: LatencyPlane,
  seconds: number,
  relus: Range,
  macs: Range,
  steps = 48,
): { relus: number; macs: number }[] {
  const line: { relus: number; macs: number }[] = [];
  const rest = seconds - plane.fixed;
  if (rest <= 0) return line;
  const macsAt = (r: number) => (rest - plane.perRelu * r) / plane.perMac;
  const relusAt = (m: number) => (rest - plane.perMac * m) / plane.perRelu;
  const inside = (r: number, m: number) =>
    r >= relus.from * 0.9999 && r <= relus.to * 1.0001 && m >= macs.from * 0.9999 && m <= macs.to * 1.0001;
  const add = (r: number, m: number) => {
    if (Number.isFinite(r) && Number.isFinite(m) && inside(r, m)) line.push({ relus: r, macs: m });
  };
  // Sampled along both axes, evenly in the logarithm, because the line is flat at one end and steep at the other.
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    const r = relus.from * (relus.to / relus.from) ** t;
    const m = macs.from * (macs.to / macs.from) ** t;
    if (plane.perMac > 0) add(r, macsAt(r));
    if (plane.perRelu > 0) add(relusAt(m), m);
  }
  return line.sort((p, q) => p.relus - q.relus || q.macs - p.macs);
}
