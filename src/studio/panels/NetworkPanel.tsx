/** Step 2, Network: family, stage widths, input size, stem gate, with the counts per stage and the memory that a step needs. */
import { SimpleGrid, Stack, Text } from '@mantine/core';
import { memo, useMemo } from 'react';
import { bytes, exactly } from '../../domain/describe.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { bytesFor, largestBatch, memoryOf } from '../../domain/memory.ts';
import { expectedPhases } from '../../domain/methods/registry.ts';
import type { Family } from '../../domain/network.ts';
import { setNetwork } from '../design/setNetwork.ts';
import { useOutlook } from '../outlook.ts';
import type { Outlook } from '../outlook.ts';
import { CountsTable } from '../parts/CountsTable.tsx';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { SelectField, SwitchField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { Term } from '../parts/Term.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { splitOf } from '../split.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { StageWidths } from './StageWidths.tsx';

const FAMILIES: Option<Family>[] = [
  { value: 'cifar-resnet', label: 'ResNet, basic blocks' },
  { value: 'wide-resnet', label: 'Wide ResNet, pre-activation' },
];

function Counts({ outlook: { dense, gated, gates } }: { outlook: Outlook }) {
  const masked = Object.values(gates).some((gate) => gate.kind === 'mask' || (gate.kind === 'share' && gate.masked));
  const cells = (now: { drelus: number; multiplications: number }, plain: { macs: number; parameters: number }) => [
    { value: now.drelus },
    { value: now.multiplications },
    { value: plain.macs, as: 'macs' as const },
    { value: plain.parameters },
  ];
  return (
    <CountsTable
      label="Counts per stage"
      columns={['DReLUs', 'Mult.', 'MACs', 'Param.']}
      rows={dense.stages
        .filter(({ neurons, macs }) => neurons > 0 || macs > 0)
        .map((plain) => ({ stage: plain.stage, cells: cells(gated.stages[plain.stage], plain) }))}
      total={cells(gated.total, dense.total)}
      caption={
        masked
          ? 'DReLUs before masks; the budget decides how many are kept.'
          : 'For one image. Hover for exact numbers.'
      }
    />
  );
}

/** The largest batch of any phase. */
const largestOf = ({ dense, methods }: Experiment): number =>
  Math.max(dense.batch, ...methods.flatMap(expectedPhases).map(({ batch }) => batch));

function MemoryLine({ outlook }: { outlook: Outlook }) {
  const experiment = useExperiment((s) => s.experiment);
  const device = useSession((s) => s.device);
  const data = useSession((s) => s.data);
  const { memory, micro, batch, fits } = useMemo(() => {
    const split = splitOf(experiment, data);
    const held = memoryOf(experiment.network, outlook.gates, {
      teacher: experiment.methods.some(({ distillation }) => distillation !== null),
      images: split ? split.train + split.validation + split.test : 0,
    });
    const largest = largestOf(experiment);
    const bufferLimit = device?.available ? device.limits.maxStorageBufferBindingSize : Infinity;
    return {
      memory: held,
      batch: largest,
      micro: Math.min(largest, experiment.engine.microBatch ?? largest),
      fits: largestBatch(held, { budget: Infinity, bufferLimit }),
    };
  }, [experiment, outlook, device, data]);
  const tooLarge = micro > fits;
  return (
    <Text size="xs" c={tooLarge ? 'var(--warn-text)' : 'dimmed'}>
      {`${bytes(bytesFor(memory, micro))} on the GPU: ${bytes(memory.perImage)} per image × ${exactly(micro)}${micro < batch ? ` (of a batch of ${exactly(batch)})` : ''}, and ${bytes(memory.fixed)} for weights and data.`}
      {tooLarge &&
        ` One buffer would exceed the limit of this GPU: set a micro-batch size of at most ${exactly(fits)} in step 4, Training.`}
    </Text>
  );
}

function FamilyField() {
  const family = useExperiment((s) => s.experiment.network.family);
  return (
    <SelectField
      label="Family"
      value={family}
      options={FAMILIES}
      onChange={(chosen) => setNetwork({ family: chosen })}
    />
  );
}

function InputFields() {
  const inputShape = useExperiment((s) => s.experiment.network.inputShape);
  const classes = useExperiment((s) => s.experiment.network.classes);
  return (
    <SimpleGrid cols={2} spacing="xs">
      <NumberField
        label="Input size"
        unit="px"
        value={inputShape[1]}
        min={1}
        max={256}
        whole
        hint="Height and width (CIFAR: 32)"
        onChange={(size) => setNetwork({ inputShape: [inputShape[0], size, size] }, 'input')}
      />
      <NumberField
        label="Classes"
        value={classes}
        min={1}
        whole
        hint="From the data set"
        onChange={(count) => setNetwork({ classes: count }, 'classes')}
      />
    </SimpleGrid>
  );
}

/** The optional gate of each family. */
function EndGate() {
  const wide = useExperiment((s) => s.experiment.network.family === 'wide-resnet');
  const stemGate = useExperiment((s) => s.experiment.network.stemGate);
  const finalGate = useExperiment((s) => s.experiment.network.finalGate ?? true);
  return wide ? (
    <SwitchField
      label="Gate after the last normalization"
      hint="The final ReLU before pooling (WRN: on)"
      value={finalGate}
      onChange={(on) => setNetwork({ finalGate: on })}
    />
  ) : (
    <SwitchField
      label={<Term of="stemGate">Stem gate</Term>}
      hint="A gate after the first convolution (SNL: off; DeepReDuce, DELPHI: on)"
      value={stemGate}
      onChange={(on) => setNetwork({ stemGate: on })}
    />
  );
}

function CountsAndMemory() {
  const outlook = useOutlook();
  if ('problem' in outlook) return <ErrorLine>{outlook.problem}</ErrorLine>;
  return (
    <>
      <Counts outlook={outlook} />
      <MemoryLine outlook={outlook} />
    </>
  );
}

/** Each part subscribes to the network separately, so that a slider redraws only what changes. */
export const NetworkPanel = memo(function NetworkPanel() {
  return (
    <Stack gap="sm">
      <FamilyField />
      <StageWidths />
      <InputFields />
      <EndGate />
      <CountsAndMemory />
    </Stack>
  );
});
