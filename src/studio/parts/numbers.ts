/**
 * Numbers as people type and paste them: 1e-5, 50K, 1.5G, 15,360, "15 360 DReLUs", 0,5, and 1/8 in a percent field; the sentence for
 * a number that is not allowed, and the nearest one that is.
 */

export interface Limits {
  min?: number;
  max?: number;
  /** Integers only. */
  whole?: boolean;
  /** Strictly above min or strictly below max. */
  above?: boolean;
  below?: boolean;
}

/** Plain digits without groups, which are easier to edit; small numbers as 1e-5. */
export const numberText = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace('e-0', 'e-') : String(value);

const SUFFIX: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, '%': 0.01 };

/** Digits in groups of three (commas, spaces, underscores) or without groups, and a decimal point. */
const NUMBER = /^([+-]?(?:(?:[1-9]\d{0,2}(?:[, _]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?) ?([kmg%]?)$/i;
/** One comma as the decimal separator, with points or spaces between groups: "0,5", "1.234,5". "1,234" is a group of thousands. */
const DECIMAL_COMMA = /^([+-]?(?:[1-9]\d{0,2}(?:[. ]\d{3})+|\d*)),(\d+(?:e[+-]?\d+)?) ?([kmg%]?)$/i;
const FRACTION = /^(\d+) ?\/ ?([1-9]\d*)$/;

/**
 * @param unit the unit of the field, which may follow the number. In a percent field "25" and "25%" are 25, elsewhere "25%" is 0.25.
 * @returns NaN where the text is not a number
 */
export function parseNumber(text: string, unit = ''): number {
  let plain = text.replaceAll(/\s/g, ' ').replace('−', '-').trim();
  if (unit && plain.toLowerCase().endsWith(unit.toLowerCase())) plain = plain.slice(0, -unit.length).trimEnd();
  const fraction = unit === '%' ? FRACTION.exec(plain) : null;
  if (fraction) return (100 * Number(fraction[1])) / Number(fraction[2]);
  const factor = (suffix: string) => SUFFIX[suffix.toLowerCase()] ?? 1;
  const match = NUMBER.exec(plain);
  if (match) return Number(match[1].replaceAll(/[, _]/g, '')) * factor(match[2]);
  const decimal = DECIMAL_COMMA.exec(plain);
  return decimal ? Number(`${decimal[1].replaceAll(/[. ]/g, '')}.${decimal[2]}`) * factor(decimal[3]) : NaN;
}

/** @returns one sentence where the number is not allowed, else null */
export function numberProblem(value: number, { min, max, whole, above, below }: Limits): string | null {
  if (!Number.isFinite(value)) return 'Enter a number.';
  if (whole && !Number.isInteger(value)) return 'Enter an integer.';
  if (min !== undefined && (above ? value <= min : value < min))
    return above ? `Enter a number > ${numberText(min)}.` : `Minimum: ${numberText(min)}.`;
  if (max !== undefined && (below ? value >= max : value > max))
    return below ? `Enter a number < ${numberText(max)}.` : `Maximum: ${numberText(max)}.`;
  return null;
}

/** The allowed number nearest to one that is not, with a note; null where there is none (open ends, not a number). */
export function nearestAllowed(value: number, limits: Limits): { value: number; note: string } | null {
  if (!Number.isFinite(value)) return null;
  const { min = -Infinity, max = Infinity } = limits;
  const within = Math.min(max, Math.max(min, value));
  const nearest = limits.whole ? Math.round(within) : within;
  if (numberProblem(nearest, limits) !== null) return null;
  const text = numberText(nearest);
  const note = within === value ? `Rounded to ${text}.` : `Set to the ${value > max ? 'maximum' : 'minimum'}, ${text}.`;
  return { value: nearest, note };
}
