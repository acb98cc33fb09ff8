/** Distillation on or off, its temperature and weight. The teacher is the run's own dense network (Hinton 2015; SNL: T 4, weight 1). */
import { SimpleGrid, Stack, Switch } from '@mantine/core';
import type { Distillation } from '../../domain/experiment.ts';
import { NumberField } from '../parts/NumberField.tsx';

export function DistillationForm({
  value,
  onChange,
  hint,
}: {
  value: Distillation | null;
  onChange(value: Distillation | null, field: string): void;
  hint?: string;
}) {
  return (
    <Stack gap="xs">
      <Switch
        label="Distillation"
        description={hint ?? 'Learns from the frozen dense network (SNL: on)'}
        checked={value !== null}
        onChange={(event) =>
          onChange(event.currentTarget.checked ? { temperature: 4, weight: 1 } : null, 'distillation')
        }
      />
      {value && (
        <SimpleGrid cols={2} spacing="xs">
          <NumberField
            label="Temperature"
            value={value.temperature}
            min={0}
            above
            hint="T (SNL: 4)"
            onChange={(temperature) => onChange({ ...value, temperature }, 'temperature')}
          />
          <NumberField
            label="Weight"
            value={value.weight}
            min={0}
            step={0.1}
            hint="Times T² in the loss (SNL: 1)"
            onChange={(weight) => onChange({ ...value, weight }, 'weight')}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}
