/** Covers the window while files are dragged over it. Folders are read recursively. */
import { Dropzone } from '@mantine/dropzone';
import { Stack, Text } from '@mantine/core';
import { openFiles } from '../files.ts';
import classes from './DropTarget.module.css';

export function DropTarget() {
  return (
    <Dropzone.FullScreen
      onDrop={(files) => void openFiles(files)}
      className={classes.target}
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
          CIFAR files, archives or folders; an experiment; masks with their weights; an exported run; PyTorch
          checkpoints. Files stay on this computer.
        </Text>
      </Stack>
    </Dropzone.FullScreen>
  );
}
