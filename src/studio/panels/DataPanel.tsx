/** The data set: which one, its files, the split, images a class, a look at some of them. */
import {
  ActionIcon,
  Box,
  Button,
  FileButton,
  Group,
  Input,
  Progress,
  Radio,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Tooltip,
} from '@mantine/core';
import { IconTrash, IconUpload, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { bytes, datasetName, exactly, percent } from '../../domain/describe.ts';
import type { DatasetChoice, Experiment } from '../../domain/experiment.ts';
import type { DataSummary, FileReport } from '../../worker/protocol.ts';
import { cancelImport, openFiles, removeData, tellParts } from '../files.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';
import { splitOf } from '../split.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { ClassBars } from './ClassBars.tsx';
import { Thumbnails } from './Thumbnails.tsx';

const NAMES: DatasetChoice['name'][] = ['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet'];
/** What the data sets have whether or not their files are here. */
const FACTS: Record<DatasetChoice['name'], { classes: number; size: number }> = {
  synthetic: { classes: 10, size: 32 },
  'cifar-10': { classes: 10, size: 32 },
  'cifar-100': { classes: 100, size: 32 },
  'tiny-imagenet': { classes: 200, size: 64 },
};

/** Chooses a data set; the network's classes and input size follow. */
export function chooseDataset(draft: Experiment, name: DatasetChoice['name'], data: DataSummary[] | null): void {
  const held = data?.find((set) => set.name === name);
  draft.dataset.name = name;
  draft.dataset.trainImages = name === 'synthetic' ? 4000 : null;
  draft.dataset.testImages = name === 'synthetic' ? 1000 : null;
  draft.network.classes = held?.classes.length ?? FACTS[name].classes;
  const [channels, height, width] = held?.shape ?? [3, FACTS[name].size, FACTS[name].size];
  draft.network.inputShape = [channels, height, width];
}

function Sets() {
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

function Loading() {
  const files = useSession((s) => s.files);
  if (files.length === 0) return null;
  const done = files.reduce((sum, file) => sum + file.done, 0);
  const total = files.reduce((sum, file) => sum + file.total, 0);
  return (
    <Stack gap={6} role="group" aria-label="Files being read">
      <Group justify="space-between">
        <Text size="xs" className="figures">
          Reading {files.length === 1 ? '1 file' : `${files.length} files`}, {bytes(done)} of {bytes(total)}
        </Text>
        <Button size="compact-xs" variant="default" leftSection={<IconX size={12} />} onClick={cancelImport}>
          Cancel
        </Button>
      </Group>
      {files.map(({ file, done: read, total: size }) => (
        <Box key={file}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text size="xs" c="dimmed" truncate>
              {file}
            </Text>
            <Text size="xs" c="dimmed" className="figures">
              {size > 0 ? percent(read / size, 0) : ''}
            </Text>
          </Group>
          <Progress
            size={4}
            value={size > 0 ? (read / size) * 100 : 0}
            transitionDuration={0}
            aria-label={`Reading ${file}`}
          />
        </Box>
      ))}
    </Stack>
  );
}

function Reports() {
  const reports = useSession((s) => s.reports);
  const patch = useSession((s) => s.patch);
  const asking = reports.filter((report) => report.outcome.ok && report.outcome.part === 'ask').map(({ file }) => file);
  if (reports.length === 0) return null;
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="xs" fw={600}>
          Files read
        </Text>
        <ActionIcon size={18} aria-label="Close the list of files" onClick={() => patch({ reports: [] })}>
          <IconX size={13} />
        </ActionIcon>
      </Group>
      <ul className="reports" aria-live="polite">
        {reports.map((report) => (
          <li key={report.file}>
            <ReportLine report={report} />
          </li>
        ))}
      </ul>
      {asking.length > 0 && (
        <Box>
          <Text size="xs" mb={4}>
            {asking.length === 1 ? 'This file does' : `${asking.length} files do`} not say whether{' '}
            {asking.length === 1 ? 'it holds' : 'they hold'} training or test images. Which is it?
          </Text>
          <Group gap="xs">
            <Button variant="light" onClick={() => void tellParts('train', asking)}>
              Training
            </Button>
            <Button variant="light" onClick={() => void tellParts('test', asking)}>
              Test
            </Button>
          </Group>
        </Box>
      )}
    </Stack>
  );
}

function ReportLine({ report: { file, outcome } }: { report: FileReport }) {
  if (!outcome.ok)
    return (
      <Text size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
        {outcome.message.startsWith(file) ? outcome.message : `${file}: ${outcome.message}`}
      </Text>
    );
  const part = outcome.part === 'ask' ? 'train or test?' : outcome.part === 'train' ? 'training' : 'test';
  return (
    <Text size="xs" className="figures">
      {file}: {exactly(outcome.images)} images, {outcome.dataset}, {part}
    </Text>
  );
}

/** How many images, and how many of them are held out. */
function SplitFields() {
  const experiment = useExperiment((s) => s.experiment);
  const data = useSession((s) => s.data);
  const { dataset } = experiment;
  const held = data?.find(({ name }) => name === dataset.name);
  const split = splitOf(experiment, data);
  const drawn = dataset.name === 'synthetic';
  return (
    <Stack gap="xs">
      <SimpleGrid cols={2} spacing="xs">
        <NumberField
          label="Training images"
          value={dataset.trainImages ?? held?.train.images ?? 10_000}
          min={10}
          max={drawn ? 200_000 : (held?.train.images ?? 1_000_000)}
          whole
          step={1000}
          hint={drawn ? 'How many to draw' : 'The first so many'}
          onChange={(value) =>
            editExperiment(
              (d) => void (d.dataset.trainImages = !drawn && value === held?.train.images ? null : value),
              'trainImages',
            )
          }
        />
        <NumberField
          label="Test images"
          value={dataset.testImages ?? held?.test.images ?? 2000}
          min={1}
          max={drawn ? 200_000 : (held?.test.images ?? 1_000_000)}
          whole
          step={1000}
          hint={drawn ? 'How many to draw' : 'The first so many'}
          onChange={(value) =>
            editExperiment(
              (d) => void (d.dataset.testImages = !drawn && value === held?.test.images ? null : value),
              'testImages',
            )
          }
        />
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

function Look() {
  const { name, syntheticSeed } = useExperiment((s) => s.experiment.dataset);
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
      <Thumbnails data={held} part={part} syntheticSeed={syntheticSeed} />
      {name !== 'synthetic' && <ClassBars data={held} part={part} />}
    </Stack>
  );
}

export function DataPanel() {
  return (
    <Stack gap="md">
      <Sets />
      <Input.Wrapper
        labelElement="div"
        size="xs"
        description="CIFAR-10 and CIFAR-100 shards, archives as downloaded, or folders of them. They stay in this browser."
      >
        <Group gap="xs" mb={4}>
          <FileButton onChange={(files) => files.length > 0 && void openFiles(files)} multiple>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={14} />}>
                Choose files
              </Button>
            )}
          </FileButton>
          <FolderButton />
        </Group>
      </Input.Wrapper>
      <Loading />
      <Reports />
      <SplitFields />
      <Look />
    </Stack>
  );
}

/** A folder chooser: `webkitdirectory` is no React prop of a file button. */
function FolderButton() {
  return (
    <Button
      variant="default"
      onClick={() => {
        const input = document.createElement('input');
        input.type = 'file';
        input.webkitdirectory = true;
        input.onchange = () => {
          const files = [...(input.files ?? [])];
          if (files.length > 0) void openFiles(files);
        };
        input.click();
      }}
    >
      Choose a folder
    </Button>
  );
}
