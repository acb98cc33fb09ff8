/** DeepShare's settings. */
import { Text } from '@mantine/core';

export function Sharing() {
  return <Text size="xs">…</Text>;
}
