/**
 * Settings of ReLU-reuse (DeepReShape, Jha & Reagen 2024), our implementation: the channels of a ReLU layer are split into N groups;
 * the ReLU runs on one of them, and the other groups are gated by its channels. Nothing about the gates is trained.
 */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { CountsLine } from '../design/CountsLine.tsx';
import { useMethodCounts } from '../design/useMethodCounts.ts';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { FieldBlock } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { OurImplementation } from '../parts/OurImplementation.tsx';
import { editMethod, useExperiment } from '../stores/experiment.ts';
import { useMethod } from '../stores/useMethod.ts';
import { GatedTraining } from './GatedTraining.tsx';

const COMMON = [2, 4, 8, 16];

const setGroups = (groups: number) => editMethod('reuse', (draft) => void (draft.groups = groups), 'groups');

function Groups({ groups }: { groups: number }) {
  const widths = useExperiment((s) => s.experiment.network.widths);
  const { counts, problem } = useMethodCounts('reuse');
  const uneven = widths.filter((width) => width % groups !== 0);
  return (
    <>
      <FieldBlock
        label="Groups N"
        hint="The channels of a ReLU layer are split into N equal groups: one computes its DReLUs, the others reuse them"
      >
        <Group gap="sm" wrap="nowrap" mt={4} align="flex-start">
          <SegmentedControl
            flex={1}
            fullWidth
            aria-label="Groups, common numbers"
            value={COMMON.includes(groups) ? String(groups) : ''}
            onChange={(chosen) => setGroups(Number(chosen))}
            data={COMMON.map(String)}
          />
          <NumberField
            label={null}
            aria-label="Groups"
            value={groups}
            min={2}
            max={Math.max(2, ...widths)}
            whole
            onChange={setGroups}
            w={72}
          />
        </Group>
      </FieldBlock>
      {counts && (
        <div>
          {(['drelus', 'multiplications'] as const).map((what) => (
            <CountsLine
              key={what}
              what={what === 'drelus' ? 'DReLUs' : what}
              before={counts.before.total[what]}
              after={counts.after.total[what]}
            />
          ))}
        </div>
      )}
      {uneven.length > 0 && (
        <Text size="xs" c="dimmed">
          {uneven.join(', ')} channels are not divisible by N: the computing group then has ⌈C/N⌉ channels.
        </Text>
      )}
      {problem && <ErrorLine>{problem}</ErrorLine>}
    </>
  );
}

export function ReuseForm() {
  const method = useMethod('reuse');
  if (!method) return null;
  return (
    <Stack gap="sm">
      <OurImplementation of="ReLU-reuse">
        The assignment of channels is not specified in the paper. Here, the first 1/N of the channels of a ReLU layer
        compute their DReLUs, and channel c of the others is gated by channel c mod P of these. Nothing is trained (the
        affine is fixed at 1, 0).
      </OurImplementation>
      <Groups groups={method.groups} />
      <GatedTraining method={method} title="ReLU-reuse" />
    </Stack>
  );
}
