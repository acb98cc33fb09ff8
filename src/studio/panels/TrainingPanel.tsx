/** Step 4, Training: dense training, checkpoint selection, augmentation, seed and engine settings. */
import { Button, Divider, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Experiment } from '../../domain/experiment.ts';
import { quickPhase, SNL_DENSE } from '../../domain/phase.ts';
import { SelectField, SwitchField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { PhaseForm } from './PhaseForm.tsx';

const SELECTION: Option<Experiment['selection']>[] = [
  {
    value: 'validation',
    label: 'Best validation epoch',
    about: 'Test images are used only at the end of each phase.',
  },
  { value: 'last', label: 'Last epoch', about: 'No selection.' },
  {
    value: 'paper',
    label: 'Paper protocol: best test epoch',
    about: 'As in SNL’s code: selects on test data, so accuracies are too high.',
  },
];

const PRESETS = [
  { title: 'Paper', make: () => structuredClone(SNL_DENSE) },
  { title: 'Quick', make: () => quickPhase(6) },
];

function DenseTraining() {
  const dense = useExperiment((s) => s.experiment.dense);
  return (
    <>
      <Group gap="xs" justify="space-between">
        <Text size="xs" fw={600}>
          Dense training
        </Text>
        <Group gap={4}>
          {PRESETS.map(({ title, make }) => (
            <Button
              key={title}
              size="compact-xs"
              variant="default"
              onClick={() => editExperiment((d) => void (d.dense = make()))}
            >
              {title}
            </Button>
          ))}
        </Group>
      </Group>
      <PhaseForm
        phase={dense}
        name="Dense training"
        change={(change, field) => editExperiment((d) => change(d.dense), `dense.${field}`)}
        hints={{
          epochs: 'SNL: 160; 0: none',
          batch: 'SNL: 256',
          learningRate: 'SNL: 0.1',
          weightDecay: 'SNL: 5e-4',
        }}
      />
    </>
  );
}

function Augmentation() {
  const augment = useExperiment((s) => s.experiment.augment);
  const seed = useExperiment((s) => s.experiment.seed);
  return (
    <>
      <SimpleGrid cols={2} spacing="xs">
        <NumberField
          label="Crop padding"
          unit="px"
          value={augment.cropPadding}
          min={0}
          max={16}
          whole
          hint="0: no crop (CIFAR: 4)"
          onChange={(value) => editExperiment((d) => void (d.augment.cropPadding = value), 'crop')}
        />
        <NumberField
          label="Seed"
          value={seed}
          min={0}
          whole
          hint="The same seed gives the same masks"
          onChange={(value) => editExperiment((d) => void (d.seed = value), 'seed')}
        />
      </SimpleGrid>
      <SwitchField
        label="Horizontal flip"
        value={augment.flip}
        onChange={(on) => editExperiment((d) => void (d.augment.flip = on))}
      />
    </>
  );
}

function Engine() {
  const engine = useExperiment((s) => s.experiment.engine);
  const device = useSession((s) => s.device);
  const f16 = device?.features.includes('shader-f16') ?? false;
  return (
    <>
      <SwitchField
        label="Half precision"
        hint={f16 || !device?.available ? 'Multiplies in 16 bits, accumulates in 32 bits' : 'Not supported by this GPU'}
        value={engine.f16}
        disabled={!f16 && !engine.f16}
        onChange={(on) => editExperiment((d) => void (d.engine.f16 = on))}
      />
      <SwitchField
        label="Micro-batches"
        hint="Splits each batch and accumulates gradients: needs less memory"
        value={engine.microBatch !== null}
        onChange={(on) =>
          editExperiment((d) => void (d.engine.microBatch = on ? Math.max(1, Math.floor(d.dense.batch / 2)) : null))
        }
      />
      {engine.microBatch !== null && (
        <NumberField
          label="Micro-batch size"
          unit="images"
          value={engine.microBatch}
          min={1}
          whole
          step={8}
          onChange={(value) => editExperiment((d) => void (d.engine.microBatch = value), 'micro')}
        />
      )}
    </>
  );
}

export function TrainingPanel() {
  const selection = useExperiment((s) => s.experiment.selection);
  return (
    <Stack gap="sm">
      <DenseTraining />
      <Divider />
      <SelectField
        label="Checkpoint selection"
        value={selection}
        options={SELECTION}
        onChange={(value) => editExperiment((d) => void (d.selection = value))}
      />
      <Augmentation />
      <Divider />
      <Engine />
    </Stack>
  );
}
