/**
 * Stage widths and channel multipliers, linked both ways.
 *
 *   w_1 = m,  w_{k+1} = μ_k · w_k     (DeepReShape: μ = α, β, γ; a fifth stage has δ)
 *
 * The widths are what an experiment holds. Widths are integers, so a multiplier such as 2.5 of an odd width is rounded. The panel
 * keeps showing 2.5 as long as it gives exactly these widths (`shownMultipliers`), so that dragging m up and down again restores
 * the widths.
 */

/** μ_k = w_{k+1} / w_k. */
export const multipliersOf = (widths: readonly number[]): number[] =>
  widths.slice(1).map((width, k) => width / widths[k]);

/** Widths from the base channels m and the multipliers; rounded once each, never below 1. */
export function widthsFrom(base: number, multipliers: readonly number[]): number[] {
  let exact = base;
  const widths = [Math.max(1, Math.round(base))];
  for (const multiplier of multipliers) {
    exact *= multiplier;
    widths.push(Math.max(1, Math.round(exact)));
  }
  return widths;
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** The multipliers last typed or dragged, as long as they still give these widths; else the quotients of the widths. */
export function shownMultipliers(widths: readonly number[], typed: readonly number[] | null): number[] {
  return typed && same(widthsFrom(widths[0], typed), widths) ? [...typed] : multipliersOf(widths);
}

/** Two digits at most, without trailing zeros: 5, 2.5, 2.33. */
export const multiplierText = (value: number): string => String(Math.round(value * 100) / 100);

/** "5-5-3", as the paper names its networks. */
export const multipliersName = (multipliers: readonly number[]): string => multipliers.map(multiplierText).join('-');

/** One stage more or fewer: a new stage repeats the last one's blocks at twice its width (its multiplier where one is given). */
export function withStages(
  network: { blocks: number[]; widths: number[] },
  stages: number,
): { blocks: number[]; widths: number[] } {
  const blocks = network.blocks.slice(0, stages);
  const widths = network.widths.slice(0, stages);
  while (blocks.length < stages) {
    blocks.push(blocks[blocks.length - 1]);
    widths.push(widths[widths.length - 1] * 2);
  }
  return { blocks, widths };
}
