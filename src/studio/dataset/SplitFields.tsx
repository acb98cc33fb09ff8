/** How many images, and how many of them are held out. */
import { SimpleGrid, Stack } from '@mantine/core';
import { exactly } from '../../domain/describe.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';
import { splitOf } from '../split.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';

/** What a part is called, and how many images it has where nobody says otherwise. */
const PARTS = [
  { part: 'train', key: 'trainImages', label: 'Training images', usual: 10_000, least: 10 },
  { part: 'test', key: 'testImages', label: 'Test images', usual: 2000, least: 1 },
] as const;
const MOST_DRAWN = 200_000;

export function SplitFields() {
  const dataset = useExperiment((s) => s.experiment.dataset);
  const data = useSession((s) => s.data);
  const held = data?.find(({ name }) => name === dataset.name);
  const split = splitOf({ dataset }, data);
  const drawn = dataset.name === 'synthetic';
  return (
    <Stack gap="xs">
      <SimpleGrid cols={2} spacing="xs">
        {PARTS.map(({ part, key, label, usual, least }) => {
          const there = held?.[part].images;
          return (
            <NumberField
              key={key}
              label={label}
              value={dataset[key] ?? there ?? usual}
              min={least}
              max={drawn ? MOST_DRAWN : (there ?? 1_000_000)}
              whole
              step={1000}
              hint={drawn ? 'How many to draw' : 'The first so many'}
              onChange={(value) =>
                editExperiment((d) => void (d.dataset[key] = !drawn && value === there ? null : value), key)
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
            ? `${exactly(split.train)} to train on, ${exactly(split.validation)} to choose by, ${exactly(split.test)} to test; drawn by the seed`
            : 'Drawn by the seed'
        }
        onChange={(value) => editExperiment((d) => void (d.dataset.validationShare = value), 'validationShare')}
      />
      {drawn && (
        <NumberField
          label="Seed of the drawings"
          value={dataset.syntheticSeed}
          min={0}
          whole
          onChange={(value) => editExperiment((d) => void (d.dataset.syntheticSeed = value), 'syntheticSeed')}
        />
      )}
    </Stack>
  );
}
