/**
 * A text field for a value that is more than its text. What is typed is kept as typed; whatever of it can be read reaches `onChange`
 * at once, the rest shows what is asked. Leaving the field takes the nearest value that is allowed, or goes back, and says so.
 */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export type Reading<T> =
  | { value: T }
  /** A sentence, and what leaving the field makes of it. */
  | { problem: string; nearest: { value: T; told: string } | null };

export interface FieldLooks {
  label: ReactNode;
  /** For screen readers where the label is no text. */
  'aria-label'?: string;
  /** Shown behind the text: "epochs", "images", "MB". */
  unit?: string;
  /** One line under the field: "λ, weight of the mask penalty (SNL: 1e-5)". */
  hint?: ReactNode;
  /** Error from outside, beside the field's own. */
  error?: string;
  disabled?: boolean;
  w?: number | string;
}

export interface DraftFieldProps<T> extends FieldLooks {
  value: T;
  onChange(value: T): void;
  write(value: T): string;
  read(text: string): Reading<T>;
  /** What ↑ and ↓ make of the value; null: nothing. */
  step?(direction: 1 | -1, tenfold: boolean): T | null;
  placeholder?: string;
}

export function DraftField<T>({ value, onChange, write, read, step, hint, error, unit, ...looks }: DraftFieldProps<T>) {
  const [draft, setDraft] = useState<string | null>(null);
  // Shown only as long as what it speaks of is still so.
  const [note, setNote] = useState<{ told: string; of: string } | null>(null);
  const written = write(value);
  const reading = draft === null ? null : read(draft);

  const take = (next: T) => {
    if (write(next) !== written) onChange(next);
  };
  const type = (text: string) => {
    setDraft(text);
    setNote(null);
    const typed = read(text);
    if ('value' in typed) take(typed.value);
  };
  const settle = () => {
    setDraft(null);
    if (!reading || 'value' in reading) return;
    const { nearest } = reading;
    setNote(
      nearest
        ? { told: nearest.told, of: write(nearest.value) }
        : { told: `${written || 'Nothing'} stays.`, of: written },
    );
    if (nearest) take(nearest.value);
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
    take(next);
  };
  const told = draft === null && note?.of === written ? note.told : null;

  return (
    <TextInput
      {...looks}
      value={draft ?? written}
      description={told === null ? hint : <output className="field-note">{told}</output>}
      error={(reading && 'problem' in reading ? reading.problem : null) ?? error}
      inputMode={step ? 'decimal' : undefined}
      autoComplete="off"
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={onKeyDown}
      rightSection={unit ? <span className="unit">{unit}</span> : undefined}
      rightSectionWidth={unit ? unit.length * 7 + 14 : undefined}
      rightSectionPointerEvents="none"
      classNames={{ input: 'figures' }}
    />
  );
}
