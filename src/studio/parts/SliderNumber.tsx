/** A number as a slider beside its field: the slider covers the usual range, the field accepts any allowed number. */
import { Group, Slider } from '@mantine/core';
import type { ReactNode } from 'react';
import { NumberField } from './NumberField.tsx';
import type { Limits } from './numbers.ts';

export interface SliderNumberProps {
  /** Left of the slider: a symbol or the name of a stage. */
  lead?: ReactNode;
  /** Accessible name of slider and field. */
  name: string;
  value: number;
  onChange(value: number): void;
  /** Range and step of the slider. */
  min: number;
  max: number;
  step: number;
  /** Limits of the field, by default the range of the slider. */
  limits?: Limits;
  /** A slider that is not linear in the value: position of a value, and back. */
  scale?: { toPosition(value: number): number; fromPosition(position: number): number };
  /** What the field shows, where it is another unit than the value: to the field's number, and back. */
  field?: { toField(value: number): number; fromField(shown: number): number };
  unit?: string;
  /** Width of the field, in pixels. */
  w?: number;
}

const same = (value: number) => value;
const LINEAR = { toPosition: same, fromPosition: same };
const SAME = { toField: same, fromField: same };
/** Removes rounding errors. */
const tidy = (value: number) => Number(value.toPrecision(6));

export function SliderNumber({
  lead,
  name,
  value,
  onChange,
  min,
  max,
  step,
  limits = { min, max },
  scale = LINEAR,
  field = SAME,
  unit,
  w = 84,
}: SliderNumberProps) {
  const position = scale.toPosition(value);
  const isLinear = scale === LINEAR;
  return (
    <Group gap="sm" wrap="nowrap" align="center">
      {lead}
      <Slider
        flex={1}
        size="sm"
        label={null}
        thumbLabel={name}
        min={min}
        max={Math.max(max, position)}
        step={step}
        scale={scale.fromPosition}
        value={position}
        onChange={(next) => onChange(scale.fromPosition(next))}
      />
      <NumberField
        label={null}
        aria-label={name}
        unit={unit}
        value={tidy(field.toField(value))}
        onChange={(shown) => onChange(field.fromField(shown))}
        step={isLinear ? tidy(field.toField(step)) : 1}
        {...limits}
        w={w}
      />
    </Group>
  );
}
