/** Which data set: those this browser holds, with what they hold, and a way to remove them. */
import { ActionIcon, Group, Radio, Stack, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { bytes, datasetName, exactly } from '../../domain/describe.ts';
import type { DatasetChoice, Experiment } from '../../domain/experiment.ts';
import type { DataSummary } from '../../worker/protocol.ts';
import { removeData } from '../files.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';

const NAMES: DatasetChoice['name'][] = ['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet'];
/** What the data sets have whether or not their files are here. */
const FACTS: Record<DatasetChoice['name'], { classes: number; size: number }> = {
  synthetic: { classes: 10, size: 32 },
  'cifar-10': { classes: 10, size: 32 },
  'cifar-100': { classes: 100, size: 32 },
  'tiny-imagenet': { classes: 200, size: 64 },
};

/** Chooses a data set; the network's classes and input size follow. */
function chooseDataset(draft: Experiment, name: DatasetChoice['name'], data: DataSummary[] | null): void {
  const held = data?.find((set) => set.name === name);
  draft.dataset.name = name;
  draft.dataset.trainImages = name === 'synthetic' ? 4000 : null;
  draft.dataset.testImages = name === 'synthetic' ? 1000 : null;
  draft.network.classes = held?.classes.length ?? FACTS[name].classes;
  const [channels, height, width] = held?.shape ?? [3, FACTS[name].size, FACTS[name].size];
  draft.network.inputShape = [channels, height, width];
}

export function DataSets() {
  const chosen = useExperiment((s) => s.experiment.dataset.name);
  const data = useSession((s) => s.data);
  return (
    <Radio.Group
      aria-label="Data set"
      value={chosen}
      onChange={(value) => editExperiment((d) => chooseDataset(d, value as DatasetChoice['name'], data))}
    >
      <Stack gap={6}>
        {NAMES.map((name) => {
          const held = data?.find((set) => set.name === name);
          const about =
            name === 'synthetic'
              ? 'Built in: shapes and textures, drawn by code'
              : held
                ? `${exactly(held.train.images)} training, ${exactly(held.test.images)} test · ${bytes(held.bytes)} in this browser`
                : 'Drop its files anywhere on the page';
          if (name === 'tiny-imagenet' && !held) return null;
          return (
            <Group key={name} justify="space-between" wrap="nowrap" gap="xs">
              <Radio value={name} label={datasetName(name)} description={about} />
              {held && name !== 'synthetic' && (
                <Tooltip label={`Remove ${datasetName(name)} from this browser`}>
                  <ActionIcon
                    aria-label={`Remove ${datasetName(name)}`}
                    onClick={() => void removeData(name, datasetName(name))}
                  >
                    <IconTrash size={15} stroke={1.75} />
                  </ActionIcon>
                </Tooltip>
              )}
            </Group>
          );
        })}
      </Stack>
    </Radio.Group>
  );
}
