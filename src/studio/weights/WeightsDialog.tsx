/** What weights of another program are, and what they do not tell: asked before they are imported. */
import {
  Button,
  Group,
  Modal,
  NativeSelect,
  NumberInput,
  ScrollArea,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { datasetName, exactly, networkName } from '../../domain/describe.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { DataSummary, WeightsExamined } from '../../worker/protocol.ts';
import { closeWeights, importWeights, useWeightsDialog } from './importing.ts';

const DATA_SETS: DataSummary['name'][] = ['cifar-10', 'cifar-100', 'tiny-imagenet', 'synthetic'];

/** Shown while a file waits to be imported. */
export default function WeightsDialog() {
  const open = useWeightsDialog((s) => s.open);
  return (
    <Modal opened={open !== null} onClose={closeWeights} title="Import trained weights" size="lg">
      {open && <Choices key={open.file.name + open.file.lastModified} file={open.file} examined={open.examined} />}
    </Modal>
  );
}

/** Numbers separated by commas, one per channel; null where they are not. */
function perChannel(text: string, channels: number, least: number): number[] | null {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.length === channels && numbers.every((n) => Number.isFinite(n) && n > least) ? numbers : null;
}

function Choices({ file, examined }: { file: File; examined: WeightsExamined }) {
  const { network, assumptions, differences, refused, masked, normalisation } = examined;
  const open = (about: 'stemGate' | 'inputSize') => assumptions.some((assumption) => assumption.about === about);
  const [channels, height] = network.inputShape;
  const [stemGate, setStemGate] = useState(network.stemGate);
  const [side, setSide] = useState<number | string>(height);
  const [dataset, setDataset] = useState(examined.dataset);
  const [mean, setMean] = useState(normalisation[dataset].mean.join(', '));
  const [std, setStd] = useState(normalisation[dataset].std.join(', '));
  const means = perChannel(mean, channels, -Infinity);
  const stds = perChannel(std, channels, 0);
  const size = typeof side === 'number' && side >= 1 ? side : null;
  const chosen: NetworkSpec = {
    ...network,
    stemGate,
    inputShape: open('inputSize') && size !== null ? [channels, size, size] : network.inputShape,
  };
  const ready = !refused && means !== null && stds !== null && size !== null;
  const choose = (name: DataSummary['name']) => {
    setDataset(name);
    setMean(normalisation[name].mean.join(', '));
    setStd(normalisation[name].std.join(', '));
  };
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600}>{file.name}</Text>
        <Text size="sm" c="dimmed">
          {networkName(network)}: blocks {network.blocks.join('-')}, widths {network.widths.join('-')},{' '}
          {exactly(network.classes)} classes
          {masked.length > 0 && `, masks in ${masked.length} ReLU layers`}
        </Text>
      </div>
      {differences.length > 0 && <Differences examined={examined} />}
      {!refused && (
        <>
          {open('stemGate') && (
            <Switch
              label="ReLU after the stem"
              description="torchvision and pytorch-cifar have one, SNL’s networks have none; the weights do not contain this"
              checked={stemGate}
              onChange={(event) => setStemGate(event.currentTarget.checked)}
            />
          )}
          <Group grow align="flex-start">
            <NativeSelect
              label="Data set"
              value={dataset}
              data={DATA_SETS.map((name) => ({ value: name, label: datasetName(name) }))}
              onChange={(event) => choose(event.currentTarget.value as DataSummary['name'])}
            />
            {open('inputSize') && (
              <NumberInput
                label="Image size (pixels)"
                value={side}
                onChange={setSide}
                min={1}
                max={512}
                allowDecimal={false}
              />
            )}
          </Group>
          <Group grow align="flex-start">
            <TextInput
              label="Mean per channel"
              description="of pixels scaled to 0 … 1"
              value={mean}
              error={means === null && `${channels} numbers, separated by commas`}
              onChange={(event) => setMean(event.currentTarget.value)}
            />
            <TextInput
              label="Standard deviation per channel"
              description="of pixels scaled to 0 … 1"
              value={std}
              error={stds === null && `${channels} numbers above 0, separated by commas`}
              onChange={(event) => setStd(event.currentTarget.value)}
            />
          </Group>
        </>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={closeWeights}>
          {refused ? 'Close' : 'Cancel'}
        </Button>
        {!refused && (
          <Button
            disabled={!ready}
            onClick={() => ready && void importWeights({ file, network: chosen, dataset, mean: means, std: stds })}
          >
            Import
          </Button>
        )}
      </Group>
    </Stack>
  );
}

const shapeText = (shape: number[] | null): string => (shape === null ? 'none' : shape.join(' × '));

function Differences({ examined: { differences, refused } }: { examined: WeightsExamined }) {
  return (
    <div>
      <Text size="sm" c={refused ? 'var(--mantine-color-error)' : undefined} role={refused ? 'alert' : undefined}>
        {refused
          ? `${differences.length} parameters differ from the network that the names and shapes suggest, so the file cannot be used.`
          : 'These tensors are not part of the network and are left out.'}
      </Text>
      <ScrollArea.Autosize mah={260} type="auto" tabIndex={0}>
        <Table aria-label="Differences">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Parameter</Table.Th>
              <Table.Th>Expected</Table.Th>
              <Table.Th>Found</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differences.map(({ name, expected, found }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{shapeText(expected)}</Table.Td>
                <Table.Td>{shapeText(found)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </div>
  );
}
