/** The text of a notification that offers to take something back. */
import { Button, Group, Text } from '@mantine/core';

export function UndoMessage({ message, onUndo }: { message: string; onUndo(): void }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Text size="sm">{message}</Text>
      <Button size="compact-xs" variant="light" onClick={onUndo}>
        Undo
      </Button>
    </Group>
  );
}
