/** A slider beside the field of its number, on one line: the slider for the usual range, the field for any value. */
import { Group, Slider } from '@mantine/core';
import type { ReactNode } from 'react';

export interface SliderRowProps {
  /** Left of the slider: a symbol, a stage's name. */
  lead?: ReactNode;
  /** What the slider sets, for screen readers. */
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange(value: number): void;
  disabled?: boolean;
  /** The field. */
  children: ReactNode;
}

export function SliderRow({ lead, label, children, ...slider }: SliderRowProps) {
  return (
    <Group gap="sm" wrap="nowrap" align="center">
      {lead}
      <Slider {...slider} flex={1} size="sm" label={null} thumbLabel={label} />
      {children}
    </Group>
  );
}
