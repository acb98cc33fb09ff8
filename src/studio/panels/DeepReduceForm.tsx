/**
 * Settings of DeepReDuce (Jha et al. 2021): stages lose all ReLUs (culling) or every other ReLU layer (thinning); channels and
 * resolution are scaled on the network itself; then training, optionally with distillation from the dense network.
 */
import { Button, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { compact, exactly } from '../../domain/describe.ts';
import type { Method } from '../../domain/experiment.ts';
import { CountsLine } from '../design/CountsLine.tsx';
import { setNetwork } from '../design/setNetwork.ts';
import { useMethodCounts } from '../design/useMethodCounts.ts';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { ChoiceField, FieldBlock } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { shortStage } from '../parts/names.ts';
import { Term } from '../parts/Term.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { editMethod, useExperiment } from '../stores/experiment.ts';
import { useMethod } from '../stores/useMethod.ts';
import { GatedTraining } from './GatedTraining.tsx';

type DeepReduceMethod = Extract<Method, { name: 'deepreduce' }>;
type Keeps = 'all' | 'half' | 'none';

const KEEPS: Option<Keeps>[] = [
  { value: 'all', label: 'All' },
  { value: 'half', label: 'Half' },
  { value: 'none', label: 'None' },
];
const THINNED: Option<DeepReduceMethod['thinKeeps']>[] = [
  { value: 'first', label: 'Gate 1' },
  { value: 'second', label: 'Gate 2' },
];

function setKeeps(stage: number, keeps: Keeps): void {
  editMethod('deepreduce', (draft) => {
    draft.cull = draft.cull.filter((s) => s !== stage);
    draft.thin = draft.thin.filter((s) => s !== stage);
    if (keeps === 'none') draft.cull = [...draft.cull, stage].sort((a, b) => a - b);
    if (keeps === 'half') draft.thin = [...draft.thin, stage].sort((a, b) => a - b);
  });
}

/** Buttons that halve or double a size. */
function HalveDouble({
  what,
  shown,
  scale,
  least,
  most,
}: {
  what: 'channels' | 'resolution';
  shown: string;
  scale(factor: number): void;
  /** The size is already the smallest, or the largest. */
  least: boolean;
  most?: boolean;
}) {
  return (
    <Group gap={6} wrap="nowrap" justify="space-between">
      <Text size="xs">{shown}</Text>
      <Button.Group>
        {[
          { text: '÷2', factor: 0.5, verb: 'halve', off: least },
          { text: '×2', factor: 2, verb: 'double', off: most },
        ].map(({ text, factor, verb, off }) => (
          <Button
            key={text}
            variant="default"
            size="compact-xs"
            disabled={off}
            onClick={() => scale(factor)}
            aria-label={`${text}: ${verb} ${what === 'channels' ? 'all channels' : 'the resolution'}`}
          >
            {text}
          </Button>
        ))}
      </Button.Group>
    </Group>
  );
}

/** DeepReDuce's reshaping: buttons that change the network. */
function Reshaping() {
  const widths = useExperiment((s) => s.experiment.network.widths);
  const inputShape = useExperiment((s) => s.experiment.network.inputShape);
  // Images are averaged down to the network's input, never enlarged beyond the data set's size.
  const full = useExperiment((s) => (s.experiment.dataset.name === 'tiny-imagenet' ? 64 : 32));
  const [channels, height, width] = inputShape;
  const scaled = (size: number, factor: number) => Math.max(1, Math.round(size * factor));
  return (
    <FieldBlock
      label="Reshaping"
      hint="Scales the network itself: channels (ReLUs ∝ factor) and input resolution (ReLUs ∝ factor²)"
    >
      <Stack gap={6} mt={4}>
        <HalveDouble
          what="channels"
          shown={`Channels ${widths.join(' / ')}`}
          least={widths.every((w) => w === 1)}
          scale={(factor) => setNetwork({ widths: widths.map((w) => scaled(w, factor)) })}
        />
        <HalveDouble
          what="resolution"
          shown={`Resolution ${height} × ${width}`}
          least={height % 2 !== 0 || height <= 8}
          most={height * 2 > full}
          scale={(factor) => setNetwork({ inputShape: [channels, scaled(height, factor), scaled(width, factor)] })}
        />
      </Stack>
    </FieldBlock>
  );
}

const keepsOf = (method: DeepReduceMethod, stage: number): Keeps =>
  method.cull.includes(stage) ? 'none' : method.thin.includes(stage) ? 'half' : 'all';

/** The ReLUs that each stage keeps, with its DReLUs before and after. */
function KeepsTable({ method }: { method: DeepReduceMethod }) {
  const blocks = useExperiment((s) => s.experiment.network.blocks);
  const { counts, problem } = useMethodCounts('deepreduce');
  return (
    <>
      <Table layout="fixed" verticalSpacing={3} horizontalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={52}>Stage</Table.Th>
            <Table.Th>Keeps</Table.Th>
            <Table.Th w={112} ta="right">
              DReLUs
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[0, ...blocks].map((_, stage) => {
            const before = counts?.before.stages[stage].drelus ?? 0;
            const after = counts?.after.stages[stage].drelus ?? 0;
            if (stage === 0 && counts && before === 0) return null;
            return (
              <Table.Tr key={stage}>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <StageDot stage={stage} size={8} />
                    {shortStage(stage)}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <SegmentedControl
                    fullWidth
                    size="xs"
                    aria-label={`ReLUs kept in ${shortStage(stage)}`}
                    value={keepsOf(method, stage)}
                    onChange={(keeps) => setKeeps(stage, keeps)}
                    data={KEEPS.filter(({ value }) => stage > 0 || value !== 'half')}
                  />
                </Table.Td>
                <Table.Td ta="right" title={`${exactly(before)} → ${exactly(after)}`}>
                  {after === before ? (
                    compact(after)
                  ) : (
                    <>
                      <Text span inherit c="dimmed">
                        {compact(before)} →
                      </Text>{' '}
                      {compact(after)}
                    </>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        None: <Term of="culling" />, the stage is linear. Half: <Term of="thinning" />, every other ReLU layer is
        linear.
      </Text>
      {counts && <CountsLine what="DReLUs" before={counts.before.total.drelus} after={counts.after.total.drelus} />}
      {problem && <ErrorLine>{problem}</ErrorLine>}
    </>
  );
}

export function DeepReduceForm() {
  const method = useMethod('deepreduce');
  if (!method) return null;
  return (
    <Stack gap="sm">
      <KeepsTable method={method} />
      <ChoiceField
        label="Gate kept by thinning"
        hint="Gate 1 follows bn1, gate 2 the residual addition"
        disabled={method.thin.length === 0}
        value={method.thinKeeps}
        options={THINNED}
        onChange={(keeps) => editMethod('deepreduce', (draft) => void (draft.thinKeeps = keeps))}
      />
      <Reshaping />
      <GatedTraining method={method} title="DeepReDuce" paper="DeepReDuce: on" />
    </Stack>
  );
}
