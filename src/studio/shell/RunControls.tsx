/** Train, pause, resume, step and stop. Space does what the big button does. */
import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconPlayerTrackNext } from '@tabler/icons-react';
import { pauseRun, resumeRun, startRun, stepRun, stopRun } from '../session.ts';
import { isActive, useSession } from '../stores/session.ts';
import { useReadiness } from '../readiness.ts';

export function RunControls() {
  const current = useSession((s) => s.current);
  const busy = useSession((s) => s.busy);
  const { problem } = useReadiness();
  if (!isActive(current))
    return (
      <Tooltip label={problem ?? 'Space'}>
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={15} />}
          loading={busy === 'starting'}
          data-disabled={problem ? true : undefined}
          aria-disabled={problem ? true : undefined}
          onClick={() => !problem && void startRun()}
        >
          Train
        </Button>
      </Tooltip>
    );
  const paused = current.status === 'paused';
  return (
    <Group gap={4} wrap="nowrap">
      {paused ? (
        <>
          <Tooltip label="One step (.)">
            <ActionIcon variant="default" size={30} aria-label="One step" onClick={() => void stepRun()}>
              <IconPlayerTrackNext size={16} />
            </ActionIcon>
          </Tooltip>
          <Button size="xs" leftSection={<IconPlayerPlay size={15} />} onClick={() => void resumeRun()}>
            Resume
          </Button>
        </>
      ) : (
        <Button size="xs" variant="default" leftSection={<IconPlayerPause size={15} />} onClick={() => void pauseRun()}>
          Pause
        </Button>
      )}
      <Tooltip label="Stop; what was trained stays and can be continued">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Stop"
          loading={busy === 'stopping'}
          onClick={() => void stopRun()}
        >
          <IconPlayerStop size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
