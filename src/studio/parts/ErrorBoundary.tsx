/**
 * Keeps what goes wrong while a part of the page is drawn to that part: it says so and can be drawn again. Give it a key where it
 * stands around now this, now that.
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
          Nothing is lost: the experiment, the data and the runs are kept in this browser.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={() => this.setState({ problem: null })}>
            Show it again
          </Button>
          <Button variant="default" onClick={() => location.reload()}>
            Reload the page
          </Button>
        </Group>
      </Stack>
    );
  }
}
