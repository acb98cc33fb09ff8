/** Every run kept in this browser: sorted, compared, continued, exported, evaluated, removed. */
import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { openFiles } from '../files.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { CompareRuns } from '../runs/CompareRuns.tsx';
import { RunsTable } from '../runs/RunsTable.tsx';
import { useRuns } from '../stores/runs.ts';

function ImportButton() {
  return (
    <FileButton multiple accept=".json,.safetensors" onChange={(files) => files.length > 0 && void openFiles(files)}>
      {(props) => (
        <Button {...props} variant="default" leftSection={<IconUpload size={14} />}>
          Import masks
        </Button>
      )}
    </FileButton>
  );
}

export default function Runs() {
  const runs = useRuns((s) => s.runs);
  const selected = useRuns((s) => s.selected);
  if (runs === null)
    return (
      <Text size="sm" c="dimmed">
        Reading runs …
      </Text>
    );
  if (runs.length === 0)
    return (
      <EmptyState title="No runs yet" action={<ImportButton />}>
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
        <ImportButton />
      </Group>
      <RunsTable runs={runs} />
      {selected.length > 1 && <CompareRuns />}
    </Stack>
  );
}
