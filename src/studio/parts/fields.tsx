/** Form fields besides numbers: a labelled block, a choice as buttons, a choice from a list, a switch. */
import { Input, NativeSelect, SegmentedControl, Switch } from '@mantine/core';
import type { ReactNode } from 'react';

export interface BlockProps {
  label: ReactNode;
  /** One line under the controls. */
  hint?: ReactNode;
  children: ReactNode;
}

/** Several controls under one label; each has an accessible name of its own. */
export function FieldBlock({ label, hint, children }: BlockProps) {
  return (
    <Input.Wrapper label={label} description={hint} size="xs" labelElement="div">
      {children}
    </Input.Wrapper>
  );
}

export interface Option<T extends string> {
  value: T;
  label: string;
  /** The hint while this option is chosen. */
  about?: string;
}

interface OneOf<T extends string> {
  label: ReactNode;
  /** Accessible name, where the label is not text. */
  name?: string;
  value: T;
  options: readonly Option<T>[];
  onChange(value: T): void;
  /** Replaces the hint of the chosen option. */
  hint?: ReactNode;
  disabled?: boolean;
}

const aboutOf = <T extends string>({ hint, options, value }: Pick<OneOf<T>, 'hint' | 'options' | 'value'>) =>
  hint ?? options.find((option) => option.value === value)?.about;

const plain = <T extends string>(options: readonly Option<T>[]) =>
  options.map(({ value, label }) => ({ value, label }));

/** Two to four options side by side. */
export function ChoiceField<T extends string>({ label, name, value, options, onChange, hint, disabled }: OneOf<T>) {
  return (
    <FieldBlock label={label} hint={aboutOf({ hint, options, value })}>
      <SegmentedControl
        fullWidth
        my={4}
        aria-label={name ?? (typeof label === 'string' ? label : undefined)}
        value={value}
        onChange={onChange}
        data={plain(options)}
        disabled={disabled}
      />
    </FieldBlock>
  );
}

export function SelectField<T extends string>({ label, value, options, onChange, hint, disabled }: OneOf<T>) {
  return (
    <NativeSelect
      label={label}
      description={aboutOf({ hint, options, value })}
      value={value}
      data={plain(options)}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}

export function SwitchField({
  label,
  value,
  onChange,
  hint,
  disabled,
}: {
  label: ReactNode;
  value: boolean;
  onChange(on: boolean): void;
  hint?: ReactNode;
  disabled?: boolean;
}) {
  return (
    <Switch
      label={label}
      description={hint}
      checked={value}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
