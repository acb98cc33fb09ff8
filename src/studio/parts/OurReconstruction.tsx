/** The badge on whatever the paper's text could not be had for, with what was put in its place. */
import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Hint } from './Hint.tsx';

export function OurReconstruction({ of, children }: { of: string; children: ReactNode }) {
  return (
    <Group gap={6}>
      <Badge variant="outline" color="gray" size="sm" tt="none" fw={500}>
        Our reconstruction
      </Badge>
      <Hint label={`How ${of} is reconstructed`}>{children}</Hint>
    </Group>
  );
}
