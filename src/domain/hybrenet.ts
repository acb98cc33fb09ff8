/**
 * HybReNet stage widths by ReLU equalization (DeepReShape, Jha & Reagen 2024).
 *
 * Stage widths are m, μ1·m, μ1·μ2·m, … (the paper's α, β, γ). A stage halves the resolution, so that relative to stage 1 with one
 * block the ReLUs of stage s are
 *
 *   n_s = φ_s · μ1 … μ_{s−1} / 4^{s−1}                                  (φ: blocks per stage)
 *
 * Equalization asks that they stand in the order of the stages' criticality, strictly. For neighbours "a before b" in that order:
 *
 *   a later than b     μ_b … μ_{a−1} · φ_a > 4^{a−b} · φ_b
 *   a earlier than b   μ_a … μ_{b−1} · φ_b < 4^{b−a} · φ_a
 *
 * For φ = (2,2,2,2) and the order 3,2,4,1 this is β > 4, βγ < 16, αβγ > 64.
 */
export interface Inequality {
  /** Stages (1-based): `more` shall have more ReLUs than `fewer`. */
  more: number;
  fewer: number;
  /** The product μ_first … μ_last (1-based, inclusive) that is bounded. */
  first: number;
  last: number;
  /** '>': product · factor > bound; '<': product · factor < bound. All whole numbers, so that comparisons are exact. */
  sense: '>' | '<';
  factor: number;
  bound: number;
  /** "βγ < 16"; a bound that is no whole number is written as a fraction. */
  text: string;
}

const GREEK = ['α', 'β', 'γ', 'δ', 'ε'];

/** α, β, γ, … for so many multipliers. */
export const multiplierNames = (count: number): string[] => GREEK.slice(0, count);

/** Widths m, αm, αβm, …. */
export function widthsOf(base: number, multipliers: readonly number[]): number[] {
  const widths = [base];
  for (const factor of multipliers) widths.push(widths.at(-1)! * factor);
  return widths;
}

/** @throws RangeError where `order` does not name each stage once, most critical first. */
export function checkOrder(stages: number, order: readonly number[]): void {
  const sorted = [...order].sort((a, b) => a - b);
  if (order.length !== stages || sorted.some((stage, i) => stage !== i + 1))
    throw new RangeError(
      `The criticality order must name each of the ${stages} stages once, most critical first, not ${order.join(',')}.`,
    );
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function boundText(bound: number, factor: number): string {
  const common = gcd(bound, factor);
  return factor === common ? `${bound / common}` : `${bound / common}/${factor / common}`;
}

/** One inequality for each pair of neighbours in the order. @throws RangeError for an order that is none. */
export function inequalitiesOf(blocks: readonly number[], order: readonly number[]): Inequality[] {
  checkOrder(blocks.length, order);
  return order.slice(1).map((fewer, i) => {
    const more = order[i];
    const [early, late] = more < fewer ? [more, fewer] : [fewer, more];
    const sense = more === late ? '>' : '<';
    const factor = blocks[late - 1];
    const bound = 4 ** (late - early) * blocks[early - 1];
    const product = GREEK.slice(early - 1, late - 1).join('');
    const text = `${product} ${sense} ${boundText(bound, factor)}`;
    return { more, fewer, first: early, last: late - 1, sense, factor, bound, text };
  });
}

/** Whether multipliers (from the first stage on) satisfy an inequality. */
export function holds(inequality: Inequality, multipliers: readonly number[]): boolean {
  let product = inequality.factor;
  for (let k = inequality.first; k <= inequality.last; k++) product *= multipliers[k - 1];
  return inequality.sense === '>' ? product > inequality.bound : product < inequality.bound;
}
