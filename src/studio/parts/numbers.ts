/**
 * Numbers as people type and paste them: 1e-5, 50K, 1.5G, 15,360, "15 360 DReLUs", 1/8 where percent is asked; what is allowed,
 * said in one sentence, and the nearest number that is.
 */

export interface Limits {
  min?: number;
  max?: number;
  /** Whole numbers only. */
  whole?: boolean;
  /** Strictly above min or strictly below max. */
  above?: boolean;
  below?: boolean;
}

/** 50000 → "50,000" would be pleasant to read but awkward to edit: plain digits, small ones as 1e-5. */
export const numberText = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace('e-0', 'e-') : String(value);

const SUFFIX: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, '%': 0.01 };

/** Digits in groups of three, or without groups: "0,5" is neither, so that no decimal comma is taken for a thousand. */
const NUMBER = /^([+-]?(?:(?:[1-9]\d{0,2}(?:[, _]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?) ?([kmg%]?)$/i;
const FRACTION = /^(\d+) ?\/ ?([1-9]\d*)$/;

/**
 * NaN where the text is no number. `unit`: what the field counts in; it may stand behind the number. In a field of percents "25" and
 * "25 %" are 25, elsewhere "25 %" is 0.25.
 */
export function parseNumber(text: string, unit = ''): number {
  let plain = text.replaceAll(/\s/g, ' ').replace('−', '-').trim();
  if (unit && plain.toLowerCase().endsWith(unit.toLowerCase())) plain = plain.slice(0, -unit.length).trimEnd();
  const fraction = unit === '%' ? FRACTION.exec(plain) : null;
  if (fraction) return (100 * Number(fraction[1])) / Number(fraction[2]);
  const match = NUMBER.exec(plain);
  return match ? Number(match[1].replaceAll(/[, _]/g, '')) * (SUFFIX[match[2].toLowerCase()] ?? 1) : NaN;
}

/** One sentence where the number is not allowed, else null. */
export function numberProblem(value: number, { min, max, whole, above, below }: Limits): string | null {
  if (!Number.isFinite(value)) return 'Give a number.';
  if (whole && !Number.isInteger(value)) return 'Give a whole number.';
  if (min !== undefined && (above ? value <= min : value < min))
    return above ? `Must be above ${numberText(min)}.` : `At least ${numberText(min)}.`;
  if (max !== undefined && (below ? value >= max : value > max))
    return below ? `Must be below ${numberText(max)}.` : `At most ${numberText(max)}.`;
  return null;
}

/** The allowed number nearest to one that is not, with what to say of it; null where none is nearest (open ends, no number). */
export function nearestAllowed(value: number, limits: Limits): { value: number; told: string } | null {
  if (!Number.isFinite(value)) return null;
  const { min = -Infinity, max = Infinity } = limits;
  const within = Math.min(max, Math.max(min, value));
  const nearest = limits.whole ? Math.round(within) : within;
  if (numberProblem(nearest, limits) !== null) return null;
  const text = numberText(nearest);
  const told =
    within === value ? `Rounded to ${text}.` : value > max ? `${text} is the most.` : `${text} is the least.`;
  return { value: nearest, told };
}
