/**
 * Prototypes by farthest-point selection on recorded gate patterns (our reconstruction; design: algorithms §3).
 *
 * A channel's pattern is its DReLU over all recorded images and positions. Similarity of two channels is the correlation of
 * their patterns, without its sign where a trained affine can turn a gate round (d ↦ 1 − d). The first prototype is the channel
 * whose gate varies most; each next one is the channel least similar to all chosen so far; every other channel consults its most
 * similar prototype. Equal channels: the first.
 */
import type { SiteIdMap } from '../domain/gateMap.ts';
import type { SiteId } from '../domain/network.ts';
import type { Assignment } from '../domain/sharing.ts';
import type { HostTensor } from '../engine/api.ts';

/** One row a channel: the gate at every recorded (image, position), less its mean, over its norm (zero where it never changes). */
interface Patterns {
  rows: Float32Array[];
  variance: number[];
}

function patternsOf({ shape, data }: HostTensor): Patterns {
  const [images, channels, height, width] = shape;
  const positions = height * width;
  const rows: Float32Array[] = [];
  const variance: number[] = [];
  for (let c = 0; c < channels; c++) {
    const row = new Float32Array(images * positions);
    let open = 0;
    for (let n = 0; n < images; n++)
      for (let p = 0; p < positions; p++) {
        const gate = data[(n * channels + c) * positions + p] > 0 ? 1 : 0;
        row[n * positions + p] = gate;
        open += gate;
      }
    const mean = open / row.length;
    variance.push(mean * (1 - mean));
    const norm = Math.sqrt(mean * (1 - mean) * row.length);
    for (let i = 0; i < row.length; i++) row[i] = norm > 0 ? (row[i] - mean) / norm : 0;
    rows.push(row);
  }
  return { rows, variance };
}

function similarity(a: Float32Array, b: Float32Array, turned: boolean): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return turned ? Math.abs(sum) : sum;
}

const indexOfMost = (values: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
};

/** The `count` prototypes of a site, in the order in which they were chosen. */
function farthest({ rows, variance }: Patterns, count: number, turned: boolean): number[] {
  const chosen = [indexOfMost(variance)];
  const nearest = new Float64Array(rows.length).fill(-Infinity);
  while (chosen.length < Math.min(count, rows.length)) {
    const last = rows[chosen.at(-1)!];
    rows.forEach((row, c) => (nearest[c] = Math.max(nearest[c], similarity(row, last, turned))));
    for (const c of chosen) nearest[c] = Infinity;
    chosen.push(indexOfMost(nearest.map((value) => -value)));
  }
  return chosen;
}

const mostSimilar = (row: Float32Array, candidates: Float32Array[], turned: boolean): number =>
  indexOfMost(candidates.map((candidate) => similarity(row, candidate, turned)));

/**
 * Prototypes and assignments of every site.
 * @param patterns pre-activations (N, C, H, W) of each site, the same images everywhere
 * @param counts own prototypes a site; 0 where it borrows
 * @param owners borrower → owner
 * @param affine true: a gate and its opposite count as the same
 */
export function chooseAssignments(
  patterns: Map<SiteId, HostTensor>,
  counts: SiteIdMap<number>,
  owners: Map<SiteId, SiteId>,
  affine: boolean,
): SiteIdMap<Assignment> {
  const known = new Map([...patterns].map(([site, tensor]) => [site, patternsOf(tensor)]));
  const assignments: SiteIdMap<Assignment> = {};
  for (const [site, { rows }] of known) {
    if (owners.has(site)) continue;
    const prototypes = farthest(known.get(site)!, counts[site], affine).toSorted((a, b) => a - b);
    const own = new Set(prototypes);
    const candidates = prototypes.map((channel) => rows[channel]);
    const source = rows.map((row, c) => (own.has(c) ? c : prototypes[mostSimilar(row, candidates, affine)]));
    assignments[site] = { prototypes, source };
  }
  for (const [site, owner] of owners) {
    const lent = assignments[owner].prototypes;
    const candidates = lent.map((channel) => known.get(owner)!.rows[channel]);
    const source = known.get(site)!.rows.map((row) => lent[mostSimilar(row, candidates, affine)]);
    assignments[site] = { prototypes: [], source };
  }
  return assignments;
}
