/** A number field with unit, hint and error (numbers.ts says what may be typed); the arrow keys change the number, with Shift by ten steps. */
import { DraftField } from './DraftField.tsx';
import type { FieldProps, Parsed } from './DraftField.tsx';
import { nearestAllowed, numberProblem, numberText, parseNumber } from './numbers.ts';
import type { Limits } from './numbers.ts';

export interface NumberFieldProps extends FieldProps, Limits {
  value: number;
  onChange(value: number): void;
  /** Step of the arrow keys; or, for numbers that range over decades, the factor of a step. */
  step?: number;
  factor?: number;
}

const tidy = (value: number) => Number(value.toPrecision(12));

export function parseWithin(text: string, limits: Limits, unit?: string): Parsed<number> {
  const value = parseNumber(text, unit);
  const problem = numberProblem(value, limits);
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
    <DraftField {...field} format={numberText} parse={(text) => parseWithin(text, limits, field.unit)} step={stepped} />
  );
}

/** A limit that may be left empty: "500K", "1.5G", nothing. */
export function LimitField({
  value,
  onChange,
  ...field
}: FieldProps & { value: number | null; onChange(value: number | null): void }) {
  return (
    <DraftField<number | null>
      {...field}
      value={value}
      onChange={onChange}
      placeholder="No limit"
      format={(limit) => (limit === null ? '' : limitText(limit))}
      parse={(text) => (text.trim() === '' ? { value: null } : parseWithin(text, { min: 0, above: true }, field.unit))}
    />
  );
}

/** The shortest exact notation: 500K, 1.5G, 1234. */
export function limitText(value: number): string {
  for (const [suffix, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['K', 1e3],
  ] as const)
    if (value >= size && tidy(value / size) * size === value) return `${tidy(value / size)}${suffix}`;
  return numberText(value);
}
