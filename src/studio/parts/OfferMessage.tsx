/** The text of a notification that offers one thing to do, such as taking something back. */
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
