/** Distillation: on or off, temperature and weight. The teacher is the run's own dense network (Hinton et al. 2015; SNL: T = 4, weight 1). */
import { SimpleGrid, Stack } from '@mantine/core';
import type { Distillation } from '../../domain/experiment.ts';
import { Term } from '../parts/Term.tsx';
import { SwitchField } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useExperiment } from '../stores/experiment.ts';

export function DistillationForm({
  value,
  onChange,
  paper = '',
}: {
  value: Distillation | null;
  onChange(value: Distillation | null, field: string): void;
  /** The setting of the method's paper: "SNL: on". */
  paper?: string;
}) {
  const teacherless = useExperiment((s) => s.experiment.dense.epochs === 0);
  return (
    <Stack gap="xs">
      <SwitchField
        label={<Term of="distillation">Distillation</Term>}
        hint={
          teacherless
            ? 'Dense training has 0 epochs: there is no teacher'
            : `The teacher is the frozen dense network${paper && ` (${paper})`}`
        }
        value={value !== null}
        onChange={(on) => onChange(on ? { temperature: 4, weight: 1 } : null, 'distillation')}
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
            hint="Multiplied by T² in the loss (SNL: 1)"
            onChange={(weight) => onChange({ ...value, weight }, 'weight')}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}
