/** The badge on what a paper does not specify, with an explanation of our implementation. */
import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Hint } from './Hint.tsx';

export function OurImplementation({ of, children }: { of: string; children: ReactNode }) {
  return (
    <Group gap={6}>
      <Badge variant="outline" color="gray" size="sm" tt="none" fw={500}>
        Our implementation (not specified in the paper)
      </Badge>
      <Hint label={`Our implementation of ${of}`}>{children}</Hint>
    </Group>
  );
}
