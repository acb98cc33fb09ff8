/**
 * Train, pause, resume, step and stop. Space does what the big button does. That button stays one and the same whatever it says, so
 * that the keyboard stays on it; what comes and goes beside it hands the focus over when it goes.
 */
import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconPlayerTrackNext } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { useProblem } from '../readiness.ts';
import { stepRun, stopRun, toggleRun } from '../runInHand.ts';
import { isActive, useSession } from '../stores/session.ts';

interface Main {
  says: string;
  tip: string;
  /** Asked for already, or not to be had: stays in place and keeps the focus, but does nothing. */
  idle: boolean;
  pauses: boolean;
}

function useMain(): Main {
  const status = useSession((s) => (isActive(s.current) ? s.current.status : null));
  const busy = useSession((s) => s.busy);
  const problem = useProblem();
  if (status === null && busy === 'starting') return { says: 'Starting …', tip: '', idle: true, pauses: false };
  if (status === null) return { says: 'Train', tip: problem ?? 'Space', idle: problem !== null, pauses: false };
  if (status === 'paused') return { says: 'Resume', tip: 'Space', idle: busy !== null, pauses: false };
  if (busy === 'pausing')
    return { says: 'Pausing …', tip: 'As soon as the step in hand is done', idle: true, pauses: true };
  return { says: 'Pause', tip: 'Space', idle: busy !== null, pauses: true };
}

export function RunControls() {
  const { says, tip, idle, pauses } = useMain();
  const active = useSession((s) => isActive(s.current));
  const paused = useSession((s) => s.current?.status === 'paused');
  const stopping = useSession((s) => s.busy === 'stopping');
  const main = useRef<HTMLButtonElement>(null);
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (!focused.current || focused.current.isConnected) return;
    focused.current = null;
    main.current?.focus();
  }, [active, paused]);
  return (
    <Group
      gap={4}
      wrap="nowrap"
      onFocus={(event) => (focused.current = event.target)}
      onBlur={() => (focused.current = null)}
    >
      {active && paused && (
        <Tooltip key="step" label="One step (.)">
          <ActionIcon variant="default" size={30} aria-label="One step" onClick={() => void stepRun()}>
            <IconPlayerTrackNext size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip key="main" label={tip} disabled={tip === ''}>
        <Button
          ref={main}
          size="xs"
          variant={pauses ? 'default' : 'filled'}
          leftSection={pauses ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          miw={96}
          data-disabled={idle || undefined}
          aria-disabled={idle || undefined}
          onClick={() => !idle && toggleRun()}
        >
          {says}
        </Button>
      </Tooltip>
      {active && (
        <Tooltip key="stop" label={stopping ? 'Stopping …' : 'Stop; what was trained stays and can be continued'}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label="Stop"
            aria-disabled={stopping || undefined}
            onClick={() => !stopping && void stopRun()}
          >
            <IconPlayerStop size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}
