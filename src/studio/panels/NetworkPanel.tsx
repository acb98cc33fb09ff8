/** The network: family, stage widths, stem gate, input size, with its counts per stage and the memory that a step needs. */
import { NativeSelect, SimpleGrid, Stack, Switch, Table, Text } from '@mantine/core';
import { memo, useMemo } from 'react';
import { bytes, compact, exactly, macs } from '../../domain/describe.ts';
import { bytesFor, largestBatch, memoryOf } from '../../domain/memory.ts';
import { checkNetwork } from '../../domain/network.ts';
import type { Family } from '../../domain/network.ts';
import { setNetwork } from '../design/setNetwork.ts';
import { useOutlook } from '../outlook.ts';
import type { Outlook } from '../outlook.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { StageDot, stageName } from '../parts/StageColours.tsx';
import { splitOf } from '../split.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { StageWidths } from './StageWidths.tsx';

const FAMILIES: { value: Family; label: string }[] = [
  { value: 'cifar-resnet', label: 'ResNet, basic blocks' },
  { value: 'wide-resnet', label: 'Wide ResNet, pre-activation' },
];

function CountsTable({ outlook }: { outlook: Outlook }) {
  const { stages, total } = outlook.dense;
  const gated = outlook.gated;
  const rows = stages.filter(({ neurons, macs: m }) => neurons > 0 || m > 0);
  const masked = Object.values(outlook.gates).some(
    (gate) => gate.kind === 'mask' || (gate.kind === 'share' && gate.masked),
  );
  return (
    <Table className="counts" captionSide="bottom">
      <Table.Caption>
        {masked
          ? 'DReLUs before the masks; the budget decides how many stay.'
          : 'For one image. Hover for exact numbers.'}
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Stage</Table.Th>
          <Table.Th ta="right">DReLUs</Table.Th>
          <Table.Th ta="right">Mult.</Table.Th>
          <Table.Th ta="right">MACs</Table.Th>
          <Table.Th ta="right">Param.</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ stage, macs: m, parameters }) => (
          <Table.Tr key={stage}>
            <Table.Td>
              <StageDot stage={stage} size={8} /> {stageName(stage)}
            </Table.Td>
            <Figures value={gated.stages[stage].drelus} />
            <Figures value={gated.stages[stage].multiplications} />
            <Table.Td ta="right" title={exactly(m)}>
              {macs(m).replace(/ .*/, '')} <span className="unit">{macs(m).replace(/.* (.).*/, '$1')}</span>
            </Table.Td>
            <Figures value={parameters} />
          </Table.Tr>
        ))}
      </Table.Tbody>
      <Table.Tfoot>
        <Table.Tr>
          <Table.Th>Total</Table.Th>
          <Figures value={gated.total.drelus} strong />
          <Figures value={gated.total.multiplications} strong />
          <Table.Th ta="right" title={exactly(total.macs)}>
            {macs(total.macs).replace(/ .*/, '')}{' '}
            <span className="unit">{macs(total.macs).replace(/.* (.).*/, '$1')}</span>
          </Table.Th>
          <Figures value={total.parameters} strong />
        </Table.Tr>
      </Table.Tfoot>
    </Table>
  );
}

/** Remembered: while a slider is dragged most cells stay as they are. */
const Figures = memo(function Figures({ value, strong }: { value: number; strong?: boolean }) {
  return (
    <Table.Td ta="right" title={exactly(value)} fw={strong ? 600 : undefined}>
      {compact(value)}
    </Table.Td>
  );
});

function MemoryLine({ outlook }: { outlook: Outlook }) {
  const experiment = useExperiment((s) => s.experiment);
  const device = useSession((s) => s.device);
  const data = useSession((s) => s.data);
  const advice = useMemo(() => {
    const split = splitOf(experiment, data);
    const memory = memoryOf(experiment.network, outlook.gates, {
      teacher: experiment.methods.some(({ distillation }) => distillation !== null),
      images: split ? split.train + split.validation + split.test : 0,
    });
    const batches = [
      experiment.dense.batch,
      ...experiment.methods.map((method) =>
        'batch' in method ? method.batch : 'train' in method ? method.train.batch : method.soft.batch,
      ),
    ];
    const batch = Math.max(...batches);
    const micro = Math.min(batch, experiment.engine.microBatch ?? batch);
    const limit = device?.available ? device.limits.maxStorageBufferBindingSize : Infinity;
    return { memory, batch, micro, fits: largestBatch(memory, { budget: Infinity, bufferLimit: limit }) };
  }, [experiment, outlook, device, data]);
  const { memory, micro, batch, fits } = advice;
  const tooLarge = micro > fits;
  return (
    <Text size="xs" c={tooLarge ? 'var(--warn-text)' : 'dimmed'} className="figures">
      {`${bytes(bytesFor(memory, micro))} on the GPU: ${bytes(memory.perImage)} an image × ${exactly(micro)}${micro < batch ? ` (of a batch of ${exactly(batch)})` : ''}, and ${bytes(memory.fixed)} for weights and data.`}
      {tooLarge &&
        ` One buffer would be larger than this GPU allows: set a micro-batch of at most ${exactly(fits)} under Training.`}
    </Text>
  );
}

export function NetworkPanel() {
  const network = useExperiment((s) => s.experiment.network);
  const outlook = useOutlook();
  let problem: string | null = null;
  try {
    checkNetwork(network);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const wide = network.family === 'wide-resnet';
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Family"
        value={network.family}
        data={FAMILIES}
        onChange={(event) => setNetwork({ family: event.currentTarget.value as Family })}
      />
      <StageWidths />
      <SimpleGrid cols={2} spacing="xs">
        <NumberField
          label="Input size"
          unit="px"
          value={network.inputShape[1]}
          min={1}
          max={256}
          whole
          hint="Height and width (CIFAR: 32)"
          onChange={(size) => editExperiment((d) => void (d.network.inputShape = [3, size, size]), 'input')}
        />
        <NumberField
          label="Classes"
          value={network.classes}
          min={1}
          whole
          hint="From the data set"
          onChange={(classes) => editExperiment((d) => void (d.network.classes = classes), 'classes')}
        />
      </SimpleGrid>
      {wide ? (
        <Switch
          label="Gate after the last norm"
          description="The final ReLU before pooling (WRN: on)"
          checked={network.finalGate ?? true}
          onChange={(event) => setNetwork({ finalGate: event.currentTarget.checked })}
        />
      ) : (
        <Switch
          label="Stem gate"
          description="A gate after the first convolution (SNL: off; DeepReDuce, DELPHI: on)"
          checked={network.stemGate}
          onChange={(event) => setNetwork({ stemGate: event.currentTarget.checked })}
        />
      )}
      {problem ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {problem}
        </Text>
      ) : (
        !('problem' in outlook) && (
          <>
            <CountsTable outlook={outlook} />
            <MemoryLine outlook={outlook} />
          </>
        )
      )}
    </Stack>
  );
}
