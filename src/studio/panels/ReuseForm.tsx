/**
 * ReLU-reuse (DeepReShape, Jha & Reagen 2024), our reconstruction: the channels of a site split into N groups, the ReLU runs on one
 * of them, every other group is gated by the matching channels of that one. Nothing about the gates is trained.
 */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { CountsLine } from '../design/CountsLine.tsx';
import { useMethodCounts } from '../design/useMethodCounts.ts';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { FieldBlock } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { OurReconstruction } from '../parts/OurReconstruction.tsx';
import { editMethod, useExperiment } from '../stores/experiment.ts';
import { useMethod } from '../stores/useMethod.ts';
import { GatedTraining } from './GatedTraining.tsx';

const USUAL = [2, 4, 8, 16];

const setGroups = (groups: number) => editMethod('reuse', (draft) => void (draft.groups = groups), 'groups');

function Groups({ groups }: { groups: number }) {
  const widths = useExperiment((s) => s.experiment.network.widths);
  const { counts, problem } = useMethodCounts('reuse');
  const uneven = widths.filter((width) => width % groups !== 0);
  return (
    <>
      <FieldBlock
        label="Groups N"
        hint="A site's channels split into N equal groups; one computes its DReLUs, the others reuse them"
      >
        <Group gap="sm" wrap="nowrap" mt={4} align="flex-start">
          <SegmentedControl
            flex={1}
            fullWidth
            aria-label="Groups, usual numbers"
            value={USUAL.includes(groups) ? String(groups) : ''}
            onChange={(chosen) => setGroups(Number(chosen))}
            data={USUAL.map(String)}
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
          {uneven.join(', ')} channels do not split evenly: the computing group then takes ⌈C/N⌉ channels.
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
      <OurReconstruction of="ReLU-reuse">
        The paper names ReLU-reuse without a wiring that could be had. Here: the first 1/N of a site&rsquo;s channels
        compute their DReLUs, and channel c of the others is gated by channel c mod P of those, with nothing trained
        (affine fixed at 1, 0).
      </OurReconstruction>
      <Groups groups={method.groups} />
      <GatedTraining method={method} title="ReLU-reuse" />
    </Stack>
  );
}
