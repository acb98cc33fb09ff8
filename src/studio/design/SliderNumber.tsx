/** A whole or broken number as a slider beside its field on one line: the slider for the usual range, the field for any value. */
import { Group, Slider, Text } from '@mantine/core';
import { NumberField } from '../parts/NumberField.tsx';

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
  return (
    <Group gap="sm" wrap="nowrap" align="center">
      {symbol && (
        <Text size="sm" miw={18} ta="center" title={name} aria-hidden>
          {symbol}
        </Text>
      )}
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
      />
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
    </Group>
  );
}
