/** Runs: every run stored in this browser, and the comparison of the selected ones. */
import { Group, Stack, Text } from '@mantine/core';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ImportMasks } from '../parts/ImportMasks.tsx';
import { JobProgress } from '../parts/JobProgress.tsx';
import { Reading } from '../parts/Reading.tsx';
import { CompareRuns } from '../runs/CompareRuns.tsx';
import { RunsTable } from '../runs/RunsTable.tsx';
import { comparedRunsOf, useRunList, useRuns } from '../stores/runs.ts';

export default function Runs() {
  const runs = useRunList();
  const compared = useRuns((s) => comparedRunsOf(s).length);
  if (runs === null) return <Reading what="runs" />;
  if (runs.length === 0)
    return (
      <EmptyState title="No runs yet" action={<ImportMasks />}>
        Runs are stored in this browser and survive a reload. Masks trained elsewhere can be imported: masks.json
        together with model.safetensors.
      </EmptyState>
    );
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {compared > 1 ? `${compared} runs compared below` : 'Select two or more runs to compare.'}
        </Text>
        <ImportMasks />
      </Group>
      <JobProgress type="masks:evaluate" />
      <RunsTable runs={runs} />
      {compared > 1 && <CompareRuns />}
    </Stack>
  );
}
