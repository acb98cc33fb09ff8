/** Progress of the files being imported, and a button to cancel. */
import { Box, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { bytes, percent } from '../../domain/describe.ts';
import { cancelImport } from '../files.ts';
import { useSession } from '../stores/session.ts';

export function ImportProgress() {
  const files = useSession((s) => s.files);
  if (files.length === 0) return null;
  const done = files.reduce((sum, file) => sum + file.done, 0);
  const total = files.reduce((sum, file) => sum + file.total, 0);
  return (
    <Stack gap={6} role="group" aria-label="Files being read">
      <Group justify="space-between">
        <Text size="xs">
          Reading {files.length === 1 ? '1 file' : `${files.length} files`}, {bytes(done)} of {bytes(total)}
        </Text>
        <Button size="compact-xs" variant="default" leftSection={<IconX size={12} />} onClick={cancelImport}>
          Cancel
        </Button>
      </Group>
      {files.map(({ file, done: read, total: size }) => (
        <Box key={file}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text size="xs" c="dimmed" truncate>
              {file}
            </Text>
            <Text size="xs" c="dimmed">
              {size > 0 ? percent(read / size, 0) : ''}
            </Text>
          </Group>
          <Progress
            size={4}
            value={size > 0 ? (read / size) * 100 : 0}
            transitionDuration={0}
            aria-label={`Reading ${file}`}
          />
        </Box>
      ))}
    </Stack>
  );
}
