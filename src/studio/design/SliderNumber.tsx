/** A number as a slider beside its field: the slider for the usual range, the field for any value. */
import { Text } from '@mantine/core';
import { NumberField } from '../parts/NumberField.tsx';
import { SliderRow } from '../parts/SliderRow.tsx';

interface Props {
  /** Shown left: a symbol of the papers. */
  symbol?: string;
  /** Full name, for the slider and the field. */
  name: string;
  value: number;
  onChange(value: number): void;
  /** Range and step of the slider; the field takes anything from `least` to `most`. */
  min: number;
  max: number;
  step: number;
  least: number;
  most?: number;
  whole?: boolean;
}

export function SliderNumber({ symbol, name, value, onChange, min, max, step, least, most, whole }: Props) {
  const lead = symbol && (
    <Text size="sm" miw={18} ta="center" title={name} aria-hidden>
      {symbol}
    </Text>
  );
  return (
    <SliderRow
      lead={lead}
      label={name}
      value={value}
      min={min}
      max={Math.max(max, value)}
      step={step}
      onChange={onChange}
    >
      <NumberField
        label={null}
        aria-label={name}
        value={Math.round(value * 1000) / 1000}
        onChange={onChange}
        min={least}
        max={most}
        whole={whole}
        step={step}
        w={72}
      />
    </SliderRow>
  );
}
