/** A share between 0 and 1 as a slider beside its number in percent. Both move together. */
import { Group, Slider } from '@mantine/core';
import type { ReactNode } from 'react';
import { FieldBlock } from './fields.tsx';
import { NumberField } from './NumberField.tsx';

export interface RatioFieldProps {
  label: string;
  /** 0 to 1. */
  value: number;
  onChange(value: number): void;
  hint?: ReactNode;
  min?: number;
  max?: number;
  /** Slider's step, as a share. */
  step?: number;
  colour?: string;
  disabled?: boolean;
}

const percent = (share: number) => Number((share * 100).toPrecision(6));

export function RatioField({
  label,
  value,
  onChange,
  hint,
  min = 0,
  max = 1,
  step = 0.01,
  colour,
  disabled,
}: RatioFieldProps) {
  return (
    <FieldBlock label={label} hint={hint}>
      <Group gap="sm" wrap="nowrap" align="center">
        <Slider
          flex={1}
          size="sm"
          min={percent(min)}
          max={percent(max)}
          step={percent(step)}
          value={percent(value)}
          onChange={(next) => onChange(next / 100)}
          label={null}
          thumbLabel={label}
          color={colour}
          disabled={disabled}
        />
        <NumberField
          label={null}
          aria-label={`${label}, percent`}
          value={percent(value)}
          unit="%"
          min={percent(min)}
          max={percent(max)}
          step={percent(step)}
          onChange={(next) => onChange(next / 100)}
          disabled={disabled}
          w={84}
        />
      </Group>
    </FieldBlock>
  );
}
