/**
 * A text field for a value of any type. The typed text is kept as it is; a text that can be parsed calls `onChange` at once, any
 * other shows an error. Leaving the field sets the nearest allowed value, or the value before, with a note.
 */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import classes from './DraftField.module.css';

export type Parsed<T> =
  | { value: T }
  /** `nearest`: the value that leaving the field sets, with a note. */
  | { problem: string; nearest: { value: T; note: string } | null };

export interface FieldProps {
  label: ReactNode;
  /** Accessible name, where the label is not text. */
  'aria-label'?: string;
  /** Shown after the text: "epochs", "images", "MB". */
  unit?: string;
  /** One line under the field: "λ, weight of the mask penalty (SNL: 1e-5)". */
  hint?: ReactNode;
  /** An error besides the field's own. */
  error?: string;
  disabled?: boolean;
  w?: number | string;
}

export interface DraftFieldProps<T> extends FieldProps {
  value: T;
  onChange(value: T): void;
  format(value: T): string;
  parse(text: string): Parsed<T>;
  /** The value after ↑ or ↓, with Shift after ten steps; null: unchanged. */
  step?(direction: 1 | -1, tenfold: boolean): T | null;
  placeholder?: string;
}

export function DraftField<T>({
  value,
  onChange,
  format,
  parse,
  step,
  hint,
  error,
  unit,
  ...field
}: DraftFieldProps<T>) {
  const [draft, setDraft] = useState<string | null>(null);
  // Shown only while the value is the one that the note is about.
  const [note, setNote] = useState<{ text: string; about: string } | null>(null);
  const formatted = format(value);
  const parsed = draft === null ? null : parse(draft);

  const change = (next: T) => {
    if (format(next) !== formatted) onChange(next);
  };
  const type = (text: string) => {
    setDraft(text);
    setNote(null);
    const typed = parse(text);
    if ('value' in typed) change(typed.value);
  };
  const settle = () => {
    setDraft(null);
    if (!parsed || 'value' in parsed) return;
    const { nearest } = parsed;
    setNote(
      nearest
        ? { text: nearest.note, about: format(nearest.value) }
        : { text: `Invalid: kept ${formatted || 'no value'}.`, about: formatted },
    );
    if (nearest) change(nearest.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') settle();
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : null;
    if (!direction || !step) return;
    event.preventDefault();
    const next = step(direction, event.shiftKey);
    if (next === null) return;
    setDraft(null);
    setNote(null);
    change(next);
  };
  const shownNote = draft === null && note?.about === formatted ? note.text : null;

  return (
    <TextInput
      {...field}
      value={draft ?? formatted}
      description={shownNote === null ? hint : <output className={classes.note}>{shownNote}</output>}
      error={(parsed && 'problem' in parsed ? parsed.problem : null) ?? error}
      inputMode={step ? 'decimal' : undefined}
      autoComplete="off"
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={onKeyDown}
      rightSection={unit ? <span className={classes.unit}>{unit}</span> : undefined}
      rightSectionWidth={unit ? unit.length * 7 + 14 : undefined}
      rightSectionPointerEvents="none"
    />
  );
}
