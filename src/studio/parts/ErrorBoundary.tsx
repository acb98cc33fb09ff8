/**
 * Limits an error while rendering to one part of the page, which shows the error and a Retry button. Give it a key where its content
 * changes.
 */
import { Button, Group, Stack, Text } from '@mantine/core';
import { Component } from 'react';
import type { ReactNode } from 'react';
import { messageOf } from '../notify.ts';

interface Props {
  /** What failed: "Live", "The step Network". */
  name: string;
  children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { problem: string | null }> {
  override state: { problem: string | null } = { problem: null };

  static getDerivedStateFromError(error: unknown) {
    return { problem: messageOf(error) };
  }

  override render(): ReactNode {
    const { name, children } = this.props;
    const { problem } = this.state;
    if (problem === null) return children;
    return (
      <Stack gap="xs" p="md" align="flex-start" role="alert">
        <Text size="sm" c="var(--mantine-color-error)">
          {name} could not be shown: {problem}
        </Text>
        <Text size="xs" c="dimmed">
          The experiment, the data and the runs are stored in this browser and not affected.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={() => this.setState({ problem: null })}>
            Retry
          </Button>
          <Button variant="default" onClick={() => location.reload()}>
            Reload the page
          </Button>
        </Group>
      </Stack>
    );
  }
}
