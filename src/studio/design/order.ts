/**
 * Criticality orders as lists of stages, most critical first.
 *
 * Only for ResNet-18's four stages is an order published: S3 > S2 > S4 > S1 (DeepReDuce; DeepReShape). For other numbers
 * of stages the page assumes the same pattern, middle stages first and stage 1 last, and says so.
 */

/** The list with the entry at `from` moved to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

const ASSUMED: Record<number, number[]> = { 1: [1], 2: [2, 1], 3: [2, 3, 1], 4: [3, 2, 4, 1], 5: [3, 4, 2, 5, 1] };

/** The default order. */
export const startingOrder = (stages: number): number[] => [
  ...(ASSUMED[stages] ?? Array.from({ length: stages }, (_, i) => stages - i)),
];

export const isPublishedOrder = (order: readonly number[]): boolean => order.join() === '3,2,4,1';

/** True where `order` names each of the stages 1 … n once. */
export const isOrderOf = (order: readonly number[], stages: number): boolean =>
  order.length === stages && [...order].sort((a, b) => a - b).every((stage, i) => stage === i + 1);

/** "S3 > S2 > S4 > S1". */
export const orderText = (order: readonly number[]): string => order.map((stage) => `S${stage}`).join(' > ');
