/**
 * Train, pause, resume, step and stop. The main button stays the same element whatever its label, so that it keeps the keyboard
 * focus; a button beside it that disappears passes the focus to the main button.
 */
import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconPlayerTrackNext } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { useProblem } from '../readiness.ts';
import { stepRun, stopRun, toggleRun } from '../currentRun.ts';
import { isActive, useIsTraining, useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';

interface Main {
  label: string;
  tip: string;
  /** Already requested, or not possible: the button keeps the focus but does nothing. */
  idle: boolean;
  pauses: boolean;
}

function useMain(): Main {
  const status = useRuns((s) => (isActive(s.current) ? s.current.status : null));
  const busy = useSession((s) => s.busy);
  const problem = useProblem();
  const shortcut = useView((s) => s.singleKeys) ? 'Space' : '';
  if (status === null && busy === 'starting') return { label: 'Starting …', tip: '', idle: true, pauses: false };
  if (status === null) return { label: 'Train', tip: problem ?? shortcut, idle: problem !== null, pauses: false };
  if (status === 'paused') return { label: 'Resume', tip: shortcut, idle: busy !== null, pauses: false };
  if (busy === 'pausing') return { label: 'Pausing …', tip: 'After the current step', idle: true, pauses: true };
  return { label: 'Pause', tip: shortcut, idle: busy !== null, pauses: true };
}

export function RunControls() {
  const { label, tip, idle, pauses } = useMain();
  const active = useIsTraining();
  const paused = useRuns((s) => s.current?.status === 'paused');
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
        <Tooltip key="step" label="Run one step (.)">
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
          {label}
        </Button>
      </Tooltip>
      {active && (
        <Tooltip key="stop" label={stopping ? 'Stopping …' : 'Stop; the run can be continued later'}>
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
