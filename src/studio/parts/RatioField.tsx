/** A share between 0 and 1 as a slider beside its number in percent. */
import type { ReactNode } from 'react';
import { FieldBlock } from './fields.tsx';
import { SliderNumber } from './SliderNumber.tsx';

export interface RatioFieldProps {
  label: string;
  /** 0 to 1. */
  value: number;
  onChange(value: number): void;
  hint?: ReactNode;
  min?: number;
  max?: number;
  /** Step of the slider, as a share. */
  step?: number;
}

const PERCENT = { toField: (share: number) => share * 100, fromField: (percent: number) => percent / 100 };

export function RatioField({ label, value, onChange, hint, min = 0, max = 1, step = 0.01 }: RatioFieldProps) {
  return (
    <FieldBlock label={label} hint={hint}>
      <SliderNumber
        name={label}
        value={value}
        onChange={onChange}
        min={min}
        max={max}
        step={step}
        field={PERCENT}
        limits={{ min: PERCENT.toField(min), max: PERCENT.toField(max) }}
        unit="%"
      />
    </FieldBlock>
  );
}
