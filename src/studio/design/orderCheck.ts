/**
 * Checks whether the ReLU counts of the stages follow the order of criticality: one comparison of counts per adjacent pair of the
 * order, with the equivalent condition on the multipliers (domain/hybrenet.ts).
 */
import { inequalitiesOf } from '../../domain/hybrenet.ts';

export interface OrderPair {
  /** The stage that should have more ReLUs, and the one that should have fewer. */
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
      // No-break spaces keep the condition on one line.
      condition: followsFormula ? text.replaceAll(' ', '\u00a0') : null,
    };
  });
