/**
 * The equalizer: whole multipliers that put the stages' ReLUs in a given order of criticality, component-wise minimal ones first.
 *
 * A depth-first search over μ1, μ2, …: once μ1 … μ_s are chosen, every inequality whose product ends at μ_s is decided, so that
 * only an interval of values is left for each. Exact in whole numbers.
 *
 * How far to look for minimal solutions: in one of them, μ_s cannot be lowered without breaking some inequality "later j has more
 * than earlier i" (lowering never breaks the other kind), not even one that follows from the order by transitivity. Hence
 * μ_s ≤ 4^{j−i}·φ_i / (φ_j · product of the others between) + 1, and the others are at least `min`. Found in rising
 * lexicographic order, whatever is component-wise below a solution has been seen before it.
 */
import { countsOf } from './counting.ts';
import { checkOrder, inequalitiesOf, widthsOf } from './hybrenet.ts';
import type { Inequality } from './hybrenet.ts';
import { latencyOf } from './latency.ts';
import type { LatencySettings } from './latency.ts';
import type { NetworkSpec } from './network.ts';

export interface EqualizerLimits {
  /** Smallest multiplier tried (the paper's networks: 2). */
  min: number;
  /** Largest multiplier tried. */
  max: number;
  /** At most so many solutions that are not minimal; 0: only minimal ones. Those of fewest channels first. */
  others: number;
}

export const DEFAULT_LIMITS: EqualizerLimits = { min: 2, max: 64, others: 0 };

export interface Solution {
  /** α, β, γ, …. */
  multipliers: number[];
  /** No other solution is component-wise at most this one. */
  minimal: boolean;
}

export interface Equalization {
  inequalities: Inequality[];
  /** Minimal ones first, each part in rising lexicographic order (others: by width of the last stage). */
  solutions: Solution[];
  /** False where the search was cut off: solutions may then be missing. */
  complete: boolean;
}

/** Search steps after which the search gives up: keeps the page alive whatever it is asked. */
const MOST_STEPS = 4_000_000;

interface Search {
  blocks: readonly number[];
  endingAt: Inequality[][];
  rank: number[];
  limits: EqualizerLimits;
}

/** Values that the inequalities ending at μ_s (1-based) leave, given what is before. */
function interval(search: Search, chosen: readonly number[], s: number): [number, number] {
  let { min: low, max: high } = search.limits;
  for (const { first, sense, factor, bound } of search.endingAt[s]) {
    let product = factor;
    for (let k = first; k < s; k++) product *= chosen[k - 1];
    if (sense === '>') low = Math.max(low, Math.floor(bound / product) + 1);
    else high = Math.min(high, Math.ceil(bound / product) - 1);
  }
  return [low, high];
}

/** The largest μ_s that a minimal solution with this beginning can have. */
function reach(search: Search, chosen: readonly number[], s: number): number {
  const { blocks, rank, limits } = search;
  let most = limits.min;
  for (let i = 1; i <= s; i++) {
    let before = 1;
    for (let k = i; k < s; k++) before *= chosen[k - 1];
    for (let j = s + 1; j <= blocks.length; j++) {
      if (rank[j] > rank[i]) continue;
      const others = before * limits.min ** (j - 1 - s);
      most = Math.max(most, Math.floor((4 ** (j - i) * blocks[i - 1]) / (blocks[j - 1] * others)) + 1);
    }
  }
  return most;
}

/** Walks solutions in rising lexicographic order; false where it was cut off. */
function walk(search: Search, onlyReach: boolean, found: (multipliers: number[]) => void): boolean {
  const count = search.blocks.length - 1;
  const chosen: number[] = [];
  let steps = 0;
  const descend = (s: number): boolean => {
    if (s > count) {
      found([...chosen]);
      return true;
    }
    const [low, high] = interval(search, chosen, s);
    const last = onlyReach ? Math.min(high, reach(search, chosen, s)) : high;
    for (let value = low; value <= last; value++) {
      if (++steps > MOST_STEPS) return false;
      chosen.push(value);
      const whole = descend(s + 1);
      chosen.pop();
      if (!whole) return false;
      // The last multiplier's smallest value makes all larger ones not minimal.
      if (onlyReach && s === count) break;
    }
    return true;
  };
  return descend(1);
}

const below = (a: readonly number[], b: readonly number[]) => a.every((value, i) => value <= b[i]);

/**
 * Solves for multipliers. `blocks`: φ, 2 to 6 stages; `order`: stages (1-based), most critical first.
 * @throws RangeError for an order or limits that are none.
 */
export function equalize(
  blocks: readonly number[],
  order: readonly number[],
  limits: EqualizerLimits = DEFAULT_LIMITS,
): Equalization {
  checkOrder(blocks.length, order);
  if (blocks.length < 2 || blocks.length > 6)
    throw new RangeError(`The equalizer takes 2 to 6 stages, not ${blocks.length}.`);
  if (!(Number.isInteger(limits.min) && limits.min >= 1))
    throw new RangeError('The smallest multiplier must be at least 1.');
  if (!(Number.isInteger(limits.max) && limits.max >= limits.min))
    throw new RangeError('The largest multiplier must not be smaller than the smallest.');
  const inequalities = inequalitiesOf(blocks, order);
  const endingAt: Inequality[][] = Array.from({ length: blocks.length }, () => []);
  for (const inequality of inequalities) endingAt[inequality.last].push(inequality);
  const rank: number[] = [];
  order.forEach((stage, i) => (rank[stage] = i));
  const search: Search = { blocks, endingAt, rank, limits };

  const minimal: number[][] = [];
  let complete = walk(search, true, (candidate) => {
    if (!minimal.some((smaller) => below(smaller, candidate))) minimal.push(candidate);
  });
  const solutions = minimal.map((multipliers): Solution => ({ multipliers, minimal: true }));
  if (limits.others > 0) {
    const others = new Smallest(limits.others);
    const known = new Set(minimal.map(String));
    complete = walk(search, false, (candidate) => known.has(String(candidate)) || others.add(candidate)) && complete;
    solutions.push(...others.sorted().map((multipliers): Solution => ({ multipliers, minimal: false })));
  }
  return { inequalities, solutions, complete };
}

/** Keeps the `size` multiplier lists of smallest product. */
class Smallest {
  readonly #size: number;
  #entries: { product: number; multipliers: number[] }[] = [];
  #worst = Infinity;

  constructor(size: number) {
    this.#size = size;
  }

  add(multipliers: number[]): void {
    const product = multipliers.reduce((a, b) => a * b, 1);
    if (product >= this.#worst) return;
    this.#entries.push({ product, multipliers });
    if (this.#entries.length >= 2 * this.#size) this.#trim();
  }

  #trim(): void {
    this.#entries.sort((a, b) => a.product - b.product);
    this.#entries.length = Math.min(this.#entries.length, this.#size);
    if (this.#entries.length === this.#size) this.#worst = this.#entries.at(-1)!.product;
  }

  sorted(): number[][] {
    this.#trim();
    return this.#entries.map((entry) => entry.multipliers);
  }
}

export interface SolutionDetails {
  multipliers: number[];
  widths: number[];
  /** DReLUs per stage 1, 2, …. */
  stages: number[];
  drelus: number;
  macs: number;
  parameters: number;
  offlineSeconds: number;
  onlineSeconds: number;
}

/** What a solution means for a network: `spec` with the widths that follow from its first and the multipliers. */
export function solutionDetails(
  spec: NetworkSpec,
  multipliers: readonly number[],
  settings?: LatencySettings,
): SolutionDetails {
  const widths = widthsOf(spec.widths[0], multipliers);
  const network: NetworkSpec = { ...spec, widths };
  const counts = countsOf(network);
  const latency = latencyOf(network, counts, settings);
  return {
    multipliers: [...multipliers],
    widths,
    stages: counts.stages.slice(1).map((stage) => stage.drelus),
    drelus: counts.total.drelus,
    macs: counts.total.macs,
    parameters: counts.total.parameters,
    offlineSeconds: latency.offline.seconds,
    onlineSeconds: latency.online.seconds,
  };
}
