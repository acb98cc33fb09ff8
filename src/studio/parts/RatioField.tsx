/** A share between 0 and 1 as a slider beside its number in percent. Both move together. */
import type { ReactNode } from 'react';
import { FieldBlock } from './fields.tsx';
import { NumberField } from './NumberField.tsx';
import { SliderRow } from './SliderRow.tsx';

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
}

const percent = (share: number) => Number((share * 100).toPrecision(6));

export function RatioField({ label, value, onChange, hint, min = 0, max = 1, step = 0.01 }: RatioFieldProps) {
  const shown = {
    value: percent(value),
    min: percent(min),
    max: percent(max),
    step: percent(step),
    onChange: (next: number) => onChange(next / 100),
  };
  return (
    <FieldBlock label={label} hint={hint}>
      <SliderRow label={label} {...shown}>
        <NumberField label={null} aria-label={`${label}, percent`} unit="%" {...shown} w={84} />
      </SliderRow>
    </FieldBlock>
  );
}
