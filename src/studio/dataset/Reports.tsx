/** What became of each file: what it holds, or why it was refused; and the question train or test where the file does not say. */
import { ActionIcon, Box, Button, Group, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { datasetName, exactly } from '../../domain/describe.ts';
import type { FileReport } from '../../worker/protocol.ts';
import { tellParts } from '../files.ts';
import { useSession } from '../stores/session.ts';

export function Reports() {
  const reports = useSession((s) => s.reports);
  const patch = useSession((s) => s.patch);
  const asking = reports.filter((report) => report.outcome.ok && report.outcome.part === 'ask').map(({ file }) => file);
  if (reports.length === 0) return null;
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="xs" fw={600}>
          Files read
        </Text>
        <ActionIcon size={18} aria-label="Close the list of files" onClick={() => patch({ reports: [] })}>
          <IconX size={13} />
        </ActionIcon>
      </Group>
      <ul className="reports" aria-live="polite">
        {reports.map((report) => (
          <li key={report.file}>
            <ReportLine report={report} />
          </li>
        ))}
      </ul>
      {asking.length > 0 && (
        <Box>
          <Text size="xs" mb={4}>
            {asking.length === 1 ? 'This file does' : `${asking.length} files do`} not say whether{' '}
            {asking.length === 1 ? 'it holds' : 'they hold'} training or test images. Which is it?
          </Text>
          <Group gap="xs">
            <Button variant="light" onClick={() => void tellParts('train', asking)}>
              Training
            </Button>
            <Button variant="light" onClick={() => void tellParts('test', asking)}>
              Test
            </Button>
          </Group>
        </Box>
      )}
    </Stack>
  );
}

function ReportLine({ report: { file, outcome } }: { report: FileReport }) {
  if (!outcome.ok)
    return (
      <Text size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
        {outcome.message.startsWith(file) ? outcome.message : `${file}: ${outcome.message}`}
      </Text>
    );
  const part = outcome.part === 'ask' ? 'train or test?' : outcome.part === 'train' ? 'training' : 'test';
  return (
    <Text size="xs" className="figures">
      {file}: {exactly(outcome.images)} images, {datasetName(outcome.dataset)}, {part}
    </Text>
  );
}
