/** Training before any method, what picks the weights that are kept, augmentation, seed, and how the engine runs. */
import { Button, Divider, Group, NativeSelect, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import type { Experiment } from '../../domain/experiment.ts';
import { quickPhase, SNL_DENSE } from '../../domain/presets.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { PhaseForm } from './PhaseForm.tsx';

const SELECTION: { value: Experiment['selection']; label: string; about: string }[] = [
  {
    value: 'validation',
    label: 'Best validation epoch',
    about: 'The test part is looked at only at the end of each phase.',
  },
  { value: 'last', label: 'Last epoch', about: 'No selection at all.' },
  {
    value: 'paper',
    label: 'Paper protocol: best test epoch',
    about: 'As SNL’s code reports it: a selection on test data, so accuracies come out too high.',
  },
];

export function TrainingPanel() {
  const { dense, augment, selection, seed, engine } = useExperiment((s) => s.experiment);
  const device = useSession((s) => s.device);
  const f16 = device?.features.includes('shader-f16') ?? false;
  return (
    <Stack gap="sm">
      <Group gap="xs" justify="space-between">
        <Text size="xs" fw={600}>
          Dense training
        </Text>
        <Group gap={4}>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => editExperiment((d) => void (d.dense = structuredClone(SNL_DENSE)))}
          >
            The paper
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => editExperiment((d) => void (d.dense = quickPhase(6)))}
          >
            Quick
          </Button>
        </Group>
      </Group>
      <PhaseForm
        phase={dense}
        name="Dense training"
        change={(change, field) => editExperiment((d) => change(d.dense), `dense.${field}`)}
        hints={{
          epochs: 'SNL: 160; 0 starts from scratch',
          batch: 'SNL: 256',
          learningRate: 'SNL: 0.1',
          weightDecay: 'SNL: 5e-4',
        }}
      />
      <Divider />
      <NativeSelect
        label="Weights kept"
        description={SELECTION.find(({ value }) => value === selection)?.about}
        value={selection}
        data={SELECTION.map(({ value, label }) => ({ value, label }))}
        onChange={(event) => {
          const value = event.currentTarget.value as Experiment['selection'];
          editExperiment((d) => void (d.selection = value));
        }}
      />
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
          hint="Same seed, same masks"
          onChange={(value) => editExperiment((d) => void (d.seed = value), 'seed')}
        />
      </SimpleGrid>
      <Switch
        label="Horizontal flip"
        checked={augment.flip}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          editExperiment((d) => void (d.augment.flip = on));
        }}
      />
      <Divider />
      <Switch
        label="Half precision"
        description={
          f16 || !device?.available ? 'Multiplies in 16 bits, adds in 32' : 'This GPU has no 16-bit arithmetic'
        }
        checked={engine.f16}
        disabled={!f16 && !engine.f16}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          editExperiment((d) => void (d.engine.f16 = on));
        }}
      />
      <Switch
        label="Micro-batches"
        description="Runs each batch in parts whose gradients add up: less memory"
        checked={engine.microBatch !== null}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          editExperiment((d) => void (d.engine.microBatch = on ? Math.max(1, Math.floor(d.dense.batch / 2)) : null));
        }}
      />
      {engine.microBatch !== null && (
        <NumberField
          label="Images a part"
          unit="images"
          value={engine.microBatch}
          min={1}
          whole
          step={8}
          onChange={(value) => editExperiment((d) => void (d.engine.microBatch = value), 'micro')}
        />
      )}
    </Stack>
  );
}
