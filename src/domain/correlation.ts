/**
 * The gate correlation matrix of a site, and an order of its channels in which similar ones stand together.
 *
 * Order: agglomerative clustering with average linkage on 1 − r (nearest-neighbour chains, O(C²)), then each merge joins its two
 * runs of channels at the ends that are most alike.
 */

/** Correlations −1 … 1, row-major. A constant gate correlates with nothing but itself. */
export function correlationOf(covariance: Float64Array, channels: number): Float64Array {
  const deviation = Array.from({ length: channels }, (_, c) => Math.sqrt(Math.max(0, covariance[c * channels + c])));
  return Float64Array.from(covariance, (value, i) => {
    const [a, b] = [Math.floor(i / channels), i % channels];
    if (a === b) return 1;
    const scale = deviation[a] * deviation[b];
    return scale > 1e-15 ? Math.max(-1, Math.min(1, value / scale)) : 0;
  });
}

/** Channels ordered so that clusters are contiguous. Deterministic. */
export function clusterOrder(correlation: Float64Array, channels: number): number[] {
  if (channels === 0) return [];
  const distance = Float64Array.from(correlation, (r) => 1 - r);
  const between = (a: number, b: number) => 1 - correlation[a * channels + b];
  const runs: (number[] | null)[] = Array.from({ length: channels }, (_, c) => [c]);
  const chain: number[] = [];
  for (let merges = 0; merges < channels - 1; merges++) {
    if (chain.length === 0) chain.push(runs.findIndex((run) => run !== null));
    for (;;) {
      const top = chain[chain.length - 1];
      const previous = chain[chain.length - 2] ?? -1;
      // The previous cluster wins ties, so that the chain ends.
      let nearest = previous;
      let least = previous >= 0 ? distance[top * channels + previous] : Infinity;
      for (let c = 0; c < channels; c++) {
        if (runs[c] === null || c === top || !(distance[top * channels + c] < least)) continue;
        least = distance[top * channels + c];
        nearest = c;
      }
      if (nearest === previous) break;
      chain.push(nearest);
    }
    const [b, a] = [chain.pop()!, chain.pop()!];
    const [left, right] = [runs[Math.min(a, b)]!, runs[Math.max(a, b)]!];
    const into = Math.min(a, b);
    const gone = Math.max(a, b);
    // Distances of merged clusters are never read again, so all entries may be overwritten.
    for (let c = 0; c < channels; c++) {
      const mean =
        (left.length * distance[into * channels + c] + right.length * distance[gone * channels + c]) /
        (left.length + right.length);
      distance[into * channels + c] = mean;
      distance[c * channels + into] = mean;
    }
    runs[into] = joined(left, right, between);
    runs[gone] = null;
  }
  return runs.find((run) => run !== null)!;
}

/** Two runs joined at their most similar ends. */
function joined(left: number[], right: number[], between: (a: number, b: number) => number): number[] {
  const ends = [
    { cost: between(left.at(-1)!, right[0]), flipLeft: false, flipRight: false },
    { cost: between(left.at(-1)!, right.at(-1)!), flipLeft: false, flipRight: true },
    { cost: between(left[0], right[0]), flipLeft: true, flipRight: false },
    { cost: between(left[0], right.at(-1)!), flipLeft: true, flipRight: true },
  ];
  const best = ends.reduce((least, end) => (end.cost < least.cost ? end : least));
  return [...(best.flipLeft ? left.toReversed() : left), ...(best.flipRight ? right.toReversed() : right)];
}

/** Rows and columns of a square matrix in another order. */
export function reordered(matrix: Float64Array, channels: number, order: readonly number[]): Float64Array {
  const result = new Float64Array(channels * channels);
  order.forEach((a, i) => order.forEach((b, j) => (result[i * channels + j] = matrix[a * channels + b])));
  return result;
}
