/**
 * ReLU-reuse (DeepReShape, Jha & Reagen 2024), our reconstruction: the channels of a site split into N groups, the ReLU runs on one
 * of them, every other group is gated by the matching channels of that one. Nothing about the gates is trained.
 */
import { Badge, Divider, Group, Input, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { CountsLine } from '../design/CountsLine.tsx';
import { methodCounts } from '../design/methodCounts.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { Hint } from '../parts/Hint.tsx';
import { editMethod, methodOf, useExperiment } from '../stores/experiment.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const USUAL = [2, 4, 8, 16];

export function Reuse() {
  const experiment = useExperiment((s) => s.experiment);
  const method = methodOf(experiment, 'reuse');
  const { counts, problem } = useMemo(() => methodCounts(experiment, 'reuse'), [experiment]);
  if (!method) return null;
  const setGroups = (groups: number) => editMethod('reuse', (draft) => void (draft.groups = groups), 'groups');
  const uneven = experiment.network.widths.filter((width) => width % method.groups !== 0);

  return (
    <Stack gap="sm">
      <Group gap={6}>
        <Badge variant="outline" color="gray" size="sm" tt="none" fw={500}>
          Our reconstruction
        </Badge>
        <Hint label="How ReLU-reuse is reconstructed">
          The paper names ReLU-reuse without a wiring that could be had. Here: the first 1/N of a site&rsquo;s channels
          compute their DReLUs, and channel c of the others is gated by channel c mod P of those, with nothing trained
          (affine fixed at 1, 0).
        </Hint>
      </Group>
      <Input.Wrapper
        label="Groups N"
        description="A site's channels split into N equal groups; one computes its DReLUs, the others reuse them"
        size="xs"
        labelElement="div"
      >
        <Group gap="sm" wrap="nowrap" mt={4}>
          <SegmentedControl
            flex={1}
            fullWidth
            aria-label="Groups, usual numbers"
            value={USUAL.includes(method.groups) ? String(method.groups) : ''}
            onChange={(groups) => setGroups(Number(groups))}
            data={USUAL.map(String)}
          />
          <NumberField
            label={null}
            aria-label="Groups"
            value={method.groups}
            min={2}
            max={Math.max(2, ...experiment.network.widths)}
            whole
            onChange={setGroups}
            w={72}
          />
        </Group>
      </Input.Wrapper>
      {counts && (
        <div>
          <CountsLine what="DReLUs" before={counts.before.total.drelus} after={counts.after.total.drelus} />
          <CountsLine
            what="multiplications"
            before={counts.before.total.multiplications}
            after={counts.after.total.multiplications}
          />
        </div>
      )}
      {uneven.length > 0 && (
        <Text size="xs" c="dimmed">
          {uneven.join(', ')} channels do not split evenly: the computing group then takes ⌈C/N⌉ channels.
        </Text>
      )}
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      <DistillationForm
        value={method.distillation}
        hint={
          experiment.dense.epochs === 0
            ? 'Dense training has 0 epochs: there is no teacher to learn from'
            : 'Learns from the frozen dense network'
        }
        onChange={(value, field) => editMethod('reuse', (draft) => void (draft.distillation = value), field)}
      />
      <Divider label="Training with these gates" labelPosition="left" />
      <PhaseForm
        phase={method.train}
        name="ReLU-reuse training"
        optional={false}
        change={(change, field) => editMethod('reuse', (draft) => change(draft.train), `train.${field}`)}
      />
    </Stack>
  );
}
