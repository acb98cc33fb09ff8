/** Some images of the chosen data set, and the number of images per class. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { ClassBars } from './ClassBars.tsx';
import { Thumbnails } from './Thumbnails.tsx';

export function ImageSamples() {
  const name = useExperiment((s) => s.experiment.dataset.name);
  const syntheticSeed = useExperiment((s) => s.experiment.dataset.syntheticSeed);
  const data = useSession((s) => s.data);
  const held = data?.find((set) => set.name === name);
  const [part, setPart] = useState<'train' | 'test'>('train');
  if (!held) return null;
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="center">
        <Text size="xs" fw={600}>
          Images
        </Text>
        <SegmentedControl
          aria-label="Part shown"
          value={part}
          onChange={setPart}
          data={[
            { value: 'train', label: 'Training' },
            { value: 'test', label: 'Test' },
          ]}
        />
      </Group>
      <Thumbnails key={`${name} ${part}`} data={held} part={part} syntheticSeed={syntheticSeed} />
      {name !== 'synthetic' && <ClassBars data={held} part={part} />}
    </Stack>
  );
}
