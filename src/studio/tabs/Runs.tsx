/** Every run kept in this browser: sorted, compared, continued, exported, evaluated, removed. */
import { Group, Stack, Text } from '@mantine/core';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ImportMasks } from '../parts/ImportMasks.tsx';
import { JobProgress } from '../parts/JobProgress.tsx';
import { Reading } from '../parts/Reading.tsx';
import { CompareRuns } from '../runs/CompareRuns.tsx';
import { RunsTable } from '../runs/RunsTable.tsx';
import { useRuns } from '../stores/runs.ts';

export default function Runs() {
  const runs = useRuns((s) => s.runs);
  const selected = useRuns((s) => s.selected);
  if (runs === null) return <Reading what="runs" />;
  if (runs.length === 0)
    return (
      <EmptyState title="No runs yet" action={<ImportMasks />}>
        What is trained here stays in this browser and comes back after a reload. A masks.json with its
        model.safetensors can be brought in from elsewhere.
      </EmptyState>
    );
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {selected.length > 1
            ? `${selected.length} runs compared below`
            : 'Tick two or more runs to lay their curves over each other.'}
        </Text>
        <ImportMasks />
      </Group>
      <JobProgress type="masks:evaluate" />
      <RunsTable runs={runs} />
      {selected.length > 1 && <CompareRuns />}
    </Stack>
  );
}
