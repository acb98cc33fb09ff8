/** An error where it arises, announced to screen readers, optionally with a button. */
import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function ErrorLine({ children, verb, onAct }: { children: ReactNode; verb?: string; onAct?(): void }) {
  return (
    <Group gap="sm" role="alert">
      <Text size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
      {verb && (
        <Button size="compact-xs" variant="default" onClick={onAct}>
          {verb}
        </Button>
      )}
    </Group>
  );
}
