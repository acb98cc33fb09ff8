/** The phases of a run in a row: done, running with its epoch, or still to come. */
import { Progress, Text } from '@mantine/core';
import { exactly, percent } from '../../domain/describe.ts';
import type { EpochRecord, PhaseInfo } from '../../training/events.ts';
import classes from './PhaseSteps.module.css';
import type { RunProgress } from '../stores/runs.ts';

const counted = (epochs: number) => `${exactly(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'}`;

export function PhaseSteps({
  phases,
  current,
  epochs,
  progress,
}: {
  phases: PhaseInfo[];
  current: string | null;
  epochs: EpochRecord[];
  progress: RunProgress | null;
}) {
  if (phases.length === 0) return null;
  const at = phases.findIndex(({ id }) => id === current);
  return (
    <ol className={classes.phases}>
      {phases.map((phase, i) => {
        const own = epochs.filter((epoch) => epoch.phase === phase.id);
        const running = i === at;
        const done = !running && own.length > 0;
        const moved =
          running && progress?.phase === phase.id ? progress.stepInEpoch / Math.max(1, progress.stepsPerEpoch) : 0;
        const share = running ? (own.length + moved) / Math.max(1, phase.epochs) : done ? 1 : 0;
        const best = Math.max(...own.map((epoch) => epoch.validation?.accuracy ?? epoch.test?.accuracy ?? 0));
        return (
          <li
            key={phase.id}
            data-state={running ? 'running' : done ? 'done' : 'to-come'}
            aria-current={running ? 'step' : undefined}
          >
            <Text size="sm" fw={running ? 600 : 500} truncate>
              {phase.title}
            </Text>
            <Progress
              size={3}
              value={Math.min(1, share) * 100}
              transitionDuration={0}
              aria-label={`${phase.title}, ${Math.round(share * 100)}%`}
            />
            <Text size="xs" c="dimmed" truncate>
              {running || done
                ? `${exactly(own.length)} of ${phase.kind === 'masks' ? 'at most ' : ''}${counted(phase.epochs)}`
                : counted(phase.epochs)}
              {best > 0 ? ` · best ${percent(best, 1)}` : ''}
            </Text>
          </li>
        );
      })}
    </ol>
  );
}
