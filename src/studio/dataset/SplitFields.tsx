/** Number of training and test images, and the share held out for validation. */
import { SimpleGrid, Stack } from '@mantine/core';
import { exactly } from '../../domain/describe.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';
import { splitOf } from '../split.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';

/** The two parts, with the number of synthetic images by default. */
const PARTS = [
  { part: 'train', key: 'trainImages', label: 'Training images', byDefault: 10_000, least: 10 },
  { part: 'test', key: 'testImages', label: 'Test images', byDefault: 2000, least: 1 },
] as const;
const MAX_SYNTHETIC = 200_000;

export function SplitFields() {
  const dataset = useExperiment((s) => s.experiment.dataset);
  const data = useSession((s) => s.data);
  const held = data?.find(({ name }) => name === dataset.name);
  const split = splitOf({ dataset }, data);
  const synthetic = dataset.name === 'synthetic';
  return (
    <Stack gap="xs">
      <SimpleGrid cols={2} spacing="xs">
        {PARTS.map(({ part, key, label, byDefault, least }) => {
          const there = held?.[part].images;
          return (
            <NumberField
              key={key}
              label={label}
              value={dataset[key] ?? there ?? byDefault}
              min={least}
              max={synthetic ? MAX_SYNTHETIC : (there ?? 1_000_000)}
              whole
              step={1000}
              hint={synthetic ? 'Generated images' : 'First N images'}
              onChange={(value) =>
                editExperiment((d) => void (d.dataset[key] = !synthetic && value === there ? null : value), key)
              }
            />
          );
        })}
      </SimpleGrid>
      <RatioField
        label="Held out for validation"
        value={dataset.validationShare}
        max={0.5}
        hint={
          split
            ? `${exactly(split.train)} train / ${exactly(split.validation)} validation / ${exactly(split.test)} test; selected by the seed`
            : 'Selected by the seed'
        }
        onChange={(value) => editExperiment((d) => void (d.dataset.validationShare = value), 'validationShare')}
      />
      {synthetic && (
        <NumberField
          label="Data set seed"
          value={dataset.syntheticSeed}
          min={0}
          whole
          onChange={(value) => editExperiment((d) => void (d.dataset.syntheticSeed = value), 'syntheticSeed')}
        />
      )}
    </Stack>
  );
}
