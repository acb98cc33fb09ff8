/** A number with its unit, hint and error (parts/numbers.ts says what may be typed); arrow keys step, with Shift ten times. */
import { DraftField } from './DraftField.tsx';
import type { FieldLooks, Reading } from './DraftField.tsx';
import { nearestAllowed, numberProblem, numberText, parseNumber } from './numbers.ts';
import type { Limits } from './numbers.ts';

export interface NumberFieldProps extends FieldLooks, Limits {
  value: number;
  onChange(value: number): void;
  /** Step of the arrow keys; numbers spread over decades step by factors: `factor`. */
  step?: number;
  factor?: number;
}

const tidy = (value: number) => Number(value.toPrecision(12));

/** "0,5" gets a word of its own, since only "1,000" takes a comma here. */
const problemOf = (text: string, value: number, limits: Limits) =>
  Number.isNaN(value) && /\d,\d/.test(text) ? 'Decimals take a point: 0.5.' : numberProblem(value, limits);

export function readNumber(text: string, limits: Limits, unit?: string): Reading<number> {
  const value = parseNumber(text, unit);
  const problem = problemOf(text, value, limits);
  return problem === null ? { value } : { problem, nearest: nearestAllowed(value, limits) };
}

export function NumberField({ step, factor, min, max, whole, above, below, ...field }: NumberFieldProps) {
  const limits: Limits = { min, max, whole, above, below };
  const stepped = (direction: 1 | -1, tenfold: boolean) => {
    const amount = (step ?? 1) * (tenfold ? 10 : 1);
    const next = tidy(factor ? field.value * factor ** direction : field.value + direction * amount);
    const clamped = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, next));
    return numberProblem(clamped, limits) === null ? clamped : null;
  };
  return (
    <DraftField {...field} write={numberText} read={(text) => readNumber(text, limits, field.unit)} step={stepped} />
  );
}

/** A limit that may be left empty: "500K", "1.5G", nothing. */
export function LimitField({
  value,
  onChange,
  ...field
}: FieldLooks & { value: number | null; onChange(value: number | null): void }) {
  return (
    <DraftField<number | null>
      {...field}
      value={value}
      onChange={onChange}
      placeholder="No limit"
      write={(limit) => (limit === null ? '' : limitText(limit))}
      read={(text) => (text.trim() === '' ? { value: null } : readNumber(text, { min: 0, above: true }, field.unit))}
    />
  );
}

/** As short as it can be said exactly: 500K, 1.5G, 1234. */
export function limitText(value: number): string {
  for (const [suffix, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['K', 1e3],
  ] as const)
    if (value >= size && tidy(value / size) * size === value) return `${tidy(value / size)}${suffix}`;
  return numberText(value);
}
