/** The one status line, there in every tab. */
import { Group, Text } from '@mantine/core';
import { useSession } from '../stores/session.ts';

export function StatusBar() {
  const current = useSession((s) => s.current);
  return (
    <Group h="100%" px="md">
      <Text size="xs" c="dimmed">
        {current ? current.status : 'Ready'}
      </Text>
    </Group>
  );
}
