/** The status line: phase, epoch, speed, time left and accuracy of the current run; or whether a run can be started. */
import { Group, Progress, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { duration, exactly, percent } from '../../domain/describe.ts';
import { useProblem, useSentence } from '../readiness.ts';
import { useRuns } from '../stores/runs.ts';
import type { CurrentRun } from '../stores/runs.ts';
import { useView } from '../stores/view.ts';

/** "SNL mask stage · epoch 12 · step 210/351": the parts of the line, and the share of the epoch done (0 to 1, null: unknown). */
export function statusText(run: CurrentRun): { parts: string[]; share: number | null } {
  const { status, phase, progress, compiling } = run;
  if (status === 'failed') return { parts: ['Failed', run.error?.message ?? 'Unknown error.'], share: null };
  if (status === 'done') return { parts: ['Done', run.name], share: null };
  if (status === 'stopped') return { parts: ['Stopped', run.name, 'can be continued from the Runs tab'], share: null };
  if (compiling && status !== 'running' && status !== 'paused')
    return {
      parts: [
        `${compiling.what === 'tuning' ? 'Tuning kernels' : 'Compiling shaders'} ${compiling.done}/${compiling.total}`,
      ],
      share: compiling.total > 0 ? compiling.done / compiling.total : null,
    };
  if (status === 'preparing') return { parts: ['Preparing', run.detail ?? run.name], share: null };
  const parts = [
    status === 'paused' ? 'Paused' : status === 'evaluating' ? 'Evaluating' : '',
    phase?.title ?? run.detail ?? '',
  ];
  if (!progress) return { parts: parts.filter(Boolean), share: null };
  parts.push(
    `epoch ${progress.epoch + 1}${phase ? ` of ${phase.kind === 'masks' ? 'at most ' : ''}${exactly(phase.epochs)}` : ''}`,
    `step ${exactly(progress.stepInEpoch)}/${exactly(progress.stepsPerEpoch)}`,
  );
  return {
    parts: parts.filter(Boolean),
    share: progress.stepsPerEpoch > 0 ? progress.stepInEpoch / progress.stepsPerEpoch : null,
  };
}

/** A mask stage ends when its budget is reached, at an unknown time: until then only the time left in the phase is shown. */
export const timeLeftText = (seconds: number, of: 'run' | 'phase' | undefined): string =>
  `${duration(seconds)} left${of === 'phase' ? ' in this phase' : ''}`;

const Fact = ({ children }: { children: ReactNode }) => (
  <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
    {children}
  </Text>
);

function RunLine({ run }: { run: CurrentRun }) {
  const { parts, share } = statusText(run);
  const { progress } = run;
  const { validationAccuracy } = run.results;
  const moving = run.status === 'running' || run.status === 'evaluating';
  return (
    <>
      <Text
        size="xs"
        truncate
        c={run.status === 'failed' ? 'var(--mantine-color-error)' : undefined}
        flex="0 1 auto"
        miw={0}
      >
        {parts.join(' · ')}
      </Text>
      {share !== null && (
        <Progress
          value={share * 100}
          size={6}
          w={120}
          miw={48}
          transitionDuration={0}
          aria-label="Progress of the epoch"
        />
      )}
      <Group gap="sm" wrap="nowrap" visibleFrom="xs">
        {moving && typeof progress?.imagesPerSecond === 'number' && (
          <Fact>{exactly(progress.imagesPerSecond)} images/s</Fact>
        )}
        {moving && typeof progress?.secondsLeft === 'number' && (
          <Fact>{timeLeftText(progress.secondsLeft, progress.leftOf)}</Fact>
        )}
        {validationAccuracy !== null && <Fact>val {percent(validationAccuracy, 1)}</Fact>}
      </Group>
    </>
  );
}

export function StatusBar() {
  const current = useRuns((s) => s.current);
  const problem = useProblem();
  const sentence = useSentence();
  const singleKeys = useView((s) => s.singleKeys);
  const status = current?.status;
  return (
    <Group h="100%" px="sm" gap="sm" wrap="nowrap" component="section" aria-label="Status">
      {current ? (
        <RunLine run={current} />
      ) : (
        <>
          {/* Wide screens show the sentence in the experiment column: here they name the keys instead. */}
          <Text size="xs" c="dimmed" truncate visibleFrom="sm">
            {problem ? 'Not ready to train.' : 'Ready to train.'}
            {singleKeys && (problem ? ' Press ? for help.' : ' Press Space to start, ? for help.')}
          </Text>
          <Text size="xs" c="dimmed" truncate hiddenFrom="sm">
            {problem ?? sentence}
          </Text>
        </>
      )}
      {/* Announces changes of the status, not every step. */}
      <VisuallyHidden component="output">{status ? `Run ${status}` : ''}</VisuallyHidden>
    </Group>
  );
}
