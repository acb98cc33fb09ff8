/**
 * A number with its unit, hint and error. What is typed is kept as typed; only values that are allowed reach `onChange`, others
 * show what is asked. Accepts 1e-5 and 50K / 1.5M as people write them; arrow keys step.
 */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export interface NumberFieldProps {
  label: ReactNode;
  value: number;
  onChange(value: number): void;
  /** Shown behind the number: "epochs", "images", "MB". */
  unit?: string;
  /** One line under the field: "λ, weight of the mask penalty (SNL: 1e-5)". */
  hint?: ReactNode;
  /** Error from outside, beside the field's own. */
  error?: string;
  min?: number;
  max?: number;
  /** Whole numbers only. */
  whole?: boolean;
  /** Strictly above min or strictly below max. */
  above?: boolean;
  below?: boolean;
  /** Step of the arrow keys; numbers spread over decades step by factors: `factor`. */
  step?: number;
  factor?: number;
  disabled?: boolean;
  /** For screen readers where the label is no text. */
  'aria-label'?: string;
  w?: number | string;
}

/** 50000 → "50,000" would be pleasant to read but awkward to edit: plain digits, small ones as 1e-5. */
export const numberText = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace('e-0', 'e-') : String(value);

const SUFFIX: Record<string, number> = { k: 1e3, m: 1e6, '%': 0.01 };

/** "1e-5", "50K", "25%", "1,024" → number; NaN where it is none. */
export function parseNumber(text: string): number {
  const match = /^\s*([+-]?(?:\d[\d,_ ]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([km%]?)\s*$/i.exec(text);
  if (!match) return NaN;
  return Number(match[1].replace(/[,_ ]/g, '')) * (SUFFIX[match[2].toLowerCase()] ?? 1);
}

export type Limits = Pick<NumberFieldProps, 'min' | 'max' | 'whole' | 'above' | 'below'>;

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

const tidy = (value: number) => Number(value.toPrecision(12));

export function NumberField({
  label,
  value,
  onChange,
  unit,
  hint,
  error,
  step,
  factor,
  disabled,
  w,
  ...rest
}: NumberFieldProps) {
  const limits: Limits = rest;
  // What is typed lives here while it differs from the value; leaving the field forgets what was not allowed.
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? numberText(value);
  const problem = draft === null ? null : numberProblem(parseNumber(draft), limits);

  const commit = (typed: string) => {
    setDraft(typed);
    const parsed = parseNumber(typed);
    if (numberProblem(parsed, limits) === null && parsed !== value) onChange(parsed);
  };
  const nudge = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (!direction) return;
    event.preventDefault();
    const amount = (step ?? 1) * (event.shiftKey ? 10 : 1);
    const next = tidy(factor ? value * factor ** direction : value + direction * amount);
    const clamped = Math.min(limits.max ?? Infinity, Math.max(limits.min ?? -Infinity, next));
    if (numberProblem(clamped, limits) !== null) return;
    setDraft(null);
    onChange(clamped);
  };

  return (
    <TextInput
      label={label}
      aria-label={rest['aria-label']}
      description={hint}
      value={text}
      error={problem ?? error}
      disabled={disabled}
      inputMode="decimal"
      autoComplete="off"
      onChange={(event) => commit(event.currentTarget.value)}
      onBlur={() => setDraft(null)}
      onKeyDown={nudge}
      rightSection={unit ? <span className="unit">{unit}</span> : undefined}
      rightSectionWidth={unit ? unit.length * 7 + 14 : undefined}
      rightSectionPointerEvents="none"
      classNames={{ input: 'figures' }}
      w={w}
    />
  );
}
