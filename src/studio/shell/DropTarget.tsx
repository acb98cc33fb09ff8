/** Covers the whole window as soon as files are dragged over it. Folders are walked into. */
import { Dropzone } from '@mantine/dropzone';
import { Stack, Text } from '@mantine/core';
import { openFiles } from '../files.ts';

export function DropTarget() {
  return (
    <Dropzone.FullScreen
      onDrop={(files) => void openFiles(files)}
      className="drop-target"
      withinPortal={false}
      zIndex={400}
      activateOnKeyboard={false}
      aria-hidden
      inputProps={{ 'aria-label': 'Files', tabIndex: -1 }}
    >
      <Stack align="center" justify="center" gap={4} h="100%" style={{ pointerEvents: 'none' }}>
        <Text size="xl" fw={600}>
          Drop to open
        </Text>
        <Text c="dimmed">
          CIFAR shards, archives or folders; an experiment; masks with their weights. Nothing leaves this machine.
        </Text>
      </Stack>
    </Dropzone.FullScreen>
  );
}
