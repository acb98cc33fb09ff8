/**
 * DeepReDuce, coarse-grained pruning (Jha et al. 2021): stages lose all their ReLUs (culling) or every other ReLU layer (thinning);
 * channels and resolution are scaled on the network itself; then training, with the dense network as teacher if wanted.
 */
import { Alert, Button, Divider, Group, Input, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { compact, exactly } from '../../domain/describe.ts';
import { CountsLine } from '../design/CountsLine.tsx';
import { methodCounts } from '../design/methodCounts.ts';
import { setNetwork } from '../design/setNetwork.ts';
import { StageDot } from '../parts/StageColours.tsx';
import { editMethod, methodOf, useExperiment } from '../stores/experiment.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

type Keeps = 'all' | 'half' | 'none';

const shortName = (stage: number) => (stage === 0 ? 'Stem' : `S${stage}`);

function setKeeps(stage: number, keeps: Keeps): void {
  editMethod('deepreduce', (draft) => {
    draft.cull = draft.cull.filter((s) => s !== stage);
    draft.thin = draft.thin.filter((s) => s !== stage);
    if (keeps === 'none') draft.cull = [...draft.cull, stage].sort((a, b) => a - b);
    if (keeps === 'half') draft.thin = [...draft.thin, stage].sort((a, b) => a - b);
  });
}

/** Buttons that change the network: DeepReDuce's reshaping. */
function Reshaping() {
  const { widths, inputShape } = useExperiment((s) => s.experiment.network);
  // Images are averaged down to the network's input, never blown up beyond what the data set has.
  const full = useExperiment((s) => (s.experiment.dataset.name === 'tiny-imagenet' ? 64 : 32));
  const [channels, height, width] = inputShape;
  const scaleWidths = (factor: number) =>
    setNetwork({ widths: widths.map((w) => Math.max(1, Math.round(w * factor))) });
  const scaleInput = (factor: number) =>
    setNetwork({
      inputShape: [channels, Math.max(1, Math.round(height * factor)), Math.max(1, Math.round(width * factor))],
    });
  return (
    <Input.Wrapper
      label="Reshaping"
      description="Scales the network itself: channels (ReLUs ∝ factor) and input resolution (ReLUs ∝ factor²)"
      size="xs"
      labelElement="div"
    >
      <Stack gap={6} mt={4}>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="xs" className="figures">
            Channels {widths.join(' / ')}
          </Text>
          <Button.Group>
            <Button
              variant="default"
              size="compact-xs"
              disabled={widths.every((w) => w === 1)}
              onClick={() => scaleWidths(0.5)}
              aria-label="÷2: halve all channels"
            >
              ÷2
            </Button>
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => scaleWidths(2)}
              aria-label="×2: double all channels"
            >
              ×2
            </Button>
          </Button.Group>
        </Group>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="xs" className="figures">
            Resolution {height} × {width}
          </Text>
          <Button.Group>
            <Button
              variant="default"
              size="compact-xs"
              disabled={height % 2 !== 0 || height <= 8}
              onClick={() => scaleInput(0.5)}
              aria-label="÷2: halve the resolution"
            >
              ÷2
            </Button>
            <Button
              variant="default"
              size="compact-xs"
              disabled={height * 2 > full}
              onClick={() => scaleInput(2)}
              aria-label="×2: double the resolution"
            >
              ×2
            </Button>
          </Button.Group>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

export function DeepReduce() {
  const experiment = useExperiment((s) => s.experiment);
  const method = methodOf(experiment, 'deepreduce');
  const { counts, problem } = useMemo(() => methodCounts(experiment, 'deepreduce'), [experiment]);
  if (!method) return null;
  const stages = [0, ...experiment.network.blocks].map((_, stage) => stage);
  const keepsOf = (stage: number): Keeps =>
    method.cull.includes(stage) ? 'none' : method.thin.includes(stage) ? 'half' : 'all';

  return (
    <Stack gap="sm">
      <Table layout="fixed" verticalSpacing={3} horizontalSpacing={4} className="figures">
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
          {stages.map((stage) => {
            const before = counts?.before.stages[stage].drelus ?? 0;
            const after = counts?.after.stages[stage].drelus ?? 0;
            if (stage === 0 && counts && before === 0) return null;
            return (
              <Table.Tr key={stage}>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <StageDot stage={stage} size={8} />
                    {shortName(stage)}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <SegmentedControl
                    fullWidth
                    size="xs"
                    aria-label={`ReLUs that ${shortName(stage)} keeps`}
                    value={keepsOf(stage)}
                    onChange={(keeps) => setKeeps(stage, keeps as Keeps)}
                    data={[
                      { value: 'all', label: 'All' },
                      ...(stage === 0 ? [] : [{ value: 'half', label: 'Half' }]),
                      { value: 'none', label: 'None' },
                    ]}
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
        None: culled, the stage is linear. Half: thinned, every other ReLU layer is linear.
      </Text>
      {counts && <CountsLine what="DReLUs" before={counts.before.total.drelus} after={counts.after.total.drelus} />}
      {problem && (
        <Alert color="red" variant="light" p="xs">
          {problem}
        </Alert>
      )}
      <Input.Wrapper
        label="Gate kept where thinned"
        description="Gate 1 follows bn1, gate 2 the residual add"
        size="xs"
        labelElement="div"
      >
        <SegmentedControl
          fullWidth
          mt={4}
          aria-label="Gate kept where thinned"
          disabled={method.thin.length === 0}
          value={method.thinKeeps}
          onChange={(keeps) =>
            editMethod('deepreduce', (draft) => void (draft.thinKeeps = keeps as 'first' | 'second'))
          }
          data={[
            { value: 'first', label: 'Gate 1' },
            { value: 'second', label: 'Gate 2' },
          ]}
        />
      </Input.Wrapper>
      <Reshaping />
      <DistillationForm
        value={method.distillation}
        hint={
          experiment.dense.epochs === 0
            ? 'Dense training has 0 epochs: there is no teacher to learn from'
            : 'Learns from the frozen dense network (DeepReDuce: on)'
        }
        onChange={(value, field) => editMethod('deepreduce', (draft) => void (draft.distillation = value), field)}
      />
      <Divider label="Training with these gates" labelPosition="left" />
      <PhaseForm
        phase={method.train}
        name="DeepReDuce training"
        optional={false}
        change={(change, field) => editMethod('deepreduce', (draft) => change(draft.train), `train.${field}`)}
      />
    </Stack>
  );
}
