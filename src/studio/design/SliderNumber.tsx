/** A whole or broken number as a slider beside its field on one line: the slider for the usual range, the field for any value. */
import { Group, Slider, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { NumberField } from '../parts/NumberField.tsx';

interface Props {
  /** Shown left: a symbol of the papers. */
  symbol: ReactNode;
  /** Full name, for the slider and the field. */
  name: string;
  value: number;
  onChange(value: number): void;
  /** Range and step of the slider; the field takes anything from `least` on. */
  min: number;
  max: number;
  step: number;
  least: number;
  whole?: boolean;
  disabled?: boolean;
}

export function SliderNumber({ symbol, name, value, onChange, min, max, step, least, whole, disabled }: Props) {
  return (
    <Group gap="sm" wrap="nowrap" align="center">
      <Text size="sm" miw={18} ta="center" title={name} aria-hidden>
        {symbol}
      </Text>
      <Slider
        flex={1}
        size="sm"
        min={min}
        max={Math.max(max, value)}
        step={step}
        value={value}
        onChange={onChange}
        label={null}
        thumbLabel={name}
        disabled={disabled}
      />
      <NumberField
        label={null}
        aria-label={name}
        value={Math.round(value * 1000) / 1000}
        onChange={onChange}
        min={least}
        whole={whole}
        step={step}
        disabled={disabled}
        w={72}
      />
    </Group>
  );
}
