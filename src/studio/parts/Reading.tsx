/** While something is read that takes a moment: what it is. */
import { Text } from '@mantine/core';

export const Reading = ({ what }: { what: string }) => (
  <Text size="sm" c="dimmed" role="status">
    Reading {what} …
  </Text>
);
