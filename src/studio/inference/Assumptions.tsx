/** What the protocol hides, what it does not, and what it assumes. */
import { List, Stack, Text } from '@mantine/core';

export function Assumptions() {
  return (
    <Stack gap={4} component="section" aria-label="Assumptions" maw={760}>
      <Text size="sm" fw={600}>
        What is protected, and what is not
      </Text>
      <List size="xs" c="dimmed" spacing={2}>
        <List.Item>Hidden from the server: images, activations, logits.</List.Item>
        <List.Item>
          Hidden from the client: weights, biases, the scale and shift of shared gates; it learns what logits tell.
        </List.Item>
        <List.Item>
          Known to both: architecture, gate map, normalization, number of images, fixed-point format.
        </List.Item>
        <List.Item>
          Assumed: both parties follow the protocol (semi-honest), and the dealer, which hands out correlated
          randomness, sides with neither.
        </List.Item>
        <List.Item>
          Not audited. This page runs all parties on one machine to show and measure the protocol; it protects nobody
          here.
        </List.Item>
      </List>
    </Stack>
  );
}
