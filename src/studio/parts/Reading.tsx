/** Shown while something is being loaded. */
import { Text } from '@mantine/core';

export const Reading = ({ what }: { what: string }) => (
  <Text size="sm" c="dimmed" role="status">
    Loading {what} …
  </Text>
);
