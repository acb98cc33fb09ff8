/** The outcome of each imported file: its content or why it was refused; and the question whether it is for training or test. */
import { ActionIcon, Box, Button, Group, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { bytes, datasetName, exactly } from '../../domain/describe.ts';
import type { FileReport } from '../../worker/protocol.ts';
import { chooseClasses, importAs } from '../files.ts';
import { useSession } from '../stores/session.ts';
import classes from './dataset.module.css';

type SizeOutcome = Extract<FileReport['outcome'], { part: 'size' }>;

export function Reports() {
  const reports = useSession((s) => s.reports);
  const patch = useSession((s) => s.patch);
  const unassigned = reports
    .filter((report) => report.outcome.ok && report.outcome.part === 'ask')
    .map(({ file }) => file);
  if (reports.length === 0) return null;
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="xs" fw={600}>
          Imported files
        </Text>
        <ActionIcon size={18} aria-label="Close the list of files" onClick={() => patch({ reports: [] })}>
          <IconX size={13} />
        </ActionIcon>
      </Group>
      <ul className={classes.reports} aria-live="polite" aria-label="Imported files">
        {reports.map((report) => (
          <li key={report.file}>
            <ReportLine report={report} />
          </li>
        ))}
      </ul>
      {unassigned.length > 0 && (
        <Box>
          <Text size="xs" mb={4}>
            {unassigned.length === 1 ? 'This file does' : `${unassigned.length} files do`} not say whether{' '}
            {unassigned.length === 1 ? 'it contains' : 'they contain'} training or test images. Choose one:
          </Text>
          <Group gap="xs">
            <Button variant="light" onClick={() => void importAs('train', unassigned)}>
              Training
            </Button>
            <Button variant="light" onClick={() => void importAs('test', unassigned)}>
              Test
            </Button>
          </Group>
        </Box>
      )}
    </Stack>
  );
}

const PARTS = { train: 'training', test: 'test', both: 'training and test', ask: 'training or test?' };

/** Numbers of classes offered beside all of them. */
const OFFERED = [10, 50, 100];

/** A large data set: asks how many of its classes to decode and store. */
function SizeQuestion({ file, outcome }: { file: string; outcome: SizeOutcome }) {
  const { images, classes, bytes: total, dataset } = outcome;
  const offered = [...OFFERED.filter((n) => n < classes), null];
  return (
    <Box>
      <Text size="xs" mb={4}>
        {file}: {exactly(images)} images, {datasetName(dataset)}. Decoded, its {classes} classes take {bytes(total)} of
        this browser’s storage. How many classes should be kept?
      </Text>
      <Group gap="xs">
        {offered.map((n) => (
          <Button key={n ?? 'all'} variant="light" onClick={() => void chooseClasses(n, file)}>
            {n === null ? `All ${classes}` : `First ${n}`} ({bytes((total * (n ?? classes)) / classes)})
          </Button>
        ))}
      </Group>
    </Box>
  );
}

function ReportLine({ report: { file, outcome } }: { report: FileReport }) {
  if (!outcome.ok)
    return (
      <Text size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
        {outcome.message.startsWith(file) ? outcome.message : `${file}: ${outcome.message}`}
      </Text>
    );
  if (outcome.part === 'size') return <SizeQuestion file={file} outcome={outcome} />;
  return (
    <Text size="xs">
      {file}: {exactly(outcome.images)} images, {datasetName(outcome.dataset)}, {PARTS[outcome.part]}
    </Text>
  );
}
