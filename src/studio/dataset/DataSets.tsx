/** The choice of the data set, with the number of images of each and a button to remove it from the browser. */
import { ActionIcon, Group, Radio, Stack, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { bytes, datasetName, exactly } from '../../domain/describe.ts';
import type { DatasetChoice } from '../../domain/experiment.ts';
import { removeData } from '../files.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { chooseDataset } from './chooseDataset.ts';

const NAMES: DatasetChoice['name'][] = ['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet'];
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
              ? 'Built in: generated shapes and textures'
              : held
                ? `${exactly(held.train.images)} training, ${exactly(held.test.images)} test · ${bytes(held.bytes)} in this browser`
                : 'Drop its files anywhere on the page';
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
