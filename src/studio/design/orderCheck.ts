/**
 * Do the stages' ReLUs stand in the order of their criticality? One comparison for each neighbouring pair of the order, on the
 * counts themselves, and beside it the condition on the multipliers that it comes from (domain/hybrenet.ts).
 */
import { inequalitiesOf } from '../../domain/hybrenet.ts';

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

/**
 * @param relus ReLUs of stage 1, 2, …
 * @param order stages, most critical first
 */
export const orderPairs = (
  relus: readonly number[],
  blocks: readonly number[],
  order: readonly number[],
  followsFormula = true,
): OrderPair[] =>
  inequalitiesOf(blocks, order).map(({ more, fewer, text }) => {
    const [relusMore, relusFewer] = [relus[more - 1], relus[fewer - 1]];
    return {
      more,
      fewer,
      relusMore,
      relusFewer,
      holds: relusMore > relusFewer,
      // No-break spaces: the condition stays on one line.
      condition: followsFormula ? text.replaceAll(' ', '\u00a0') : null,
    };
  });
