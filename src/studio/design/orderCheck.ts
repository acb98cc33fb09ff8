/**
 * Do the stages' ReLUs stand in the order of their criticality? One comparison for each neighbouring pair of the order, on the
 * counts themselves, and the same as a condition on the multipliers:
 *
 *   n_a > n_b  ⟺  μ_a … μ_{b−1} < 4^{b−a} · φ_a / φ_b   for a < b
 *              ⟺  μ_b … μ_{a−1} > 4^{a−b} · φ_b / φ_a   for a > b
 *
 * since n_k ∝ φ_k · μ_1 … μ_{k−1} / 4^{k−1} where each stage halves the resolution (design: algorithms §4).
 */
import { MULTIPLIER_NAMES } from './multipliers.ts';

export interface OrderPair {
  /** The stage that is to have more ReLUs, and the one that is to have fewer. */
  more: number;
  fewer: number;
  relusMore: number;
  relusFewer: number;
  holds: boolean;
  /** "β > 4"; null where the family's stages do not follow the formula. */
  condition: string | null;
}

function conditionText(more: number, fewer: number, blocks: readonly number[]): string {
  const [first, last] = more < fewer ? [more, fewer] : [fewer, more];
  const product = MULTIPLIER_NAMES.slice(first - 1, last - 1).join('');
  const factor = 4 ** (last - first) * (blocks[first - 1] / blocks[last - 1]);
  // No-break spaces: the condition stays on one line.
  return `${product}\u00a0${more < fewer ? '<' : '>'}\u00a0${Math.round(factor * 100) / 100}`;
}

/**
 * @param relus ReLUs of stage 1, 2, …
 * @param order stages, most critical first
 */
export function orderPairs(
  relus: readonly number[],
  blocks: readonly number[],
  order: readonly number[],
  followsFormula = true,
): OrderPair[] {
  return order.slice(1).map((fewer, i) => {
    const more = order[i];
    const [relusMore, relusFewer] = [relus[more - 1], relus[fewer - 1]];
    return {
      more,
      fewer,
      relusMore,
      relusFewer,
      holds: relusMore > relusFewer,
      condition: followsFormula ? conditionText(more, fewer, blocks) : null,
    };
  });
}
