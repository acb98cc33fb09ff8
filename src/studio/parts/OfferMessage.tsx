/** The content of a notification with one action, such as Undo. */
import { Button, Group, Text } from '@mantine/core';

export function OfferMessage({ message, verb, onAct }: { message: string; verb: string; onAct(): void }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Text size="sm">{message}</Text>
      <Button size="compact-xs" variant="light" onClick={onAct}>
        {verb}
      </Button>
    </Group>
  );
}
