/** The one status line: where the run in hand is, how fast, how long, how good; or what would happen next. */
import { Group, Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { duration, exactly, percent } from '../../domain/describe.ts';
import { useProblem, useSentence } from '../readiness.ts';
import { useSession } from '../stores/session.ts';
import type { CurrentRun } from '../stores/session.ts';

/** "SNL mask stage · epoch 12 · step 210/351": the words of the line, and how far the epoch is (0 to 1, null: unknown). */
export function statusWords(run: CurrentRun): { words: string[]; share: number | null } {
  const { status, phase, progress, compiling } = run;
  if (status === 'failed') return { words: ['Failed', run.error?.message ?? 'No reason was given.'], share: null };
  if (status === 'done') return { words: ['Done', run.name], share: null };
  if (status === 'stopped') return { words: ['Stopped', run.name, 'can be continued from the Runs tab'], share: null };
  if (compiling && status !== 'running' && status !== 'paused')
    return {
      words: [`${compiling.what === 'tuning' ? 'Tuning' : 'Compiling shaders'} ${compiling.done}/${compiling.total}`],
      share: compiling.total > 0 ? compiling.done / compiling.total : null,
    };
  if (status === 'preparing') return { words: ['Preparing', run.detail ?? run.name], share: null };
  const words = [
    status === 'paused' ? 'Paused' : status === 'evaluating' ? 'Evaluating' : '',
    phase?.title ?? run.detail ?? '',
  ];
  if (!progress) return { words: words.filter(Boolean), share: null };
  words.push(
    `epoch ${progress.epoch + 1}${phase ? ` of ${phase.kind === 'masks' ? 'at most ' : ''}${exactly(phase.epochs)}` : ''}`,
    `step ${exactly(progress.stepInEpoch)}/${exactly(progress.stepsPerEpoch)}`,
  );
  return {
    words: words.filter(Boolean),
    share: progress.stepsPerEpoch > 0 ? progress.stepInEpoch / progress.stepsPerEpoch : null,
  };
}

/** A mask stage ends when its budget is reached, and nobody knows when: until it is over only the phase's time is told. */
export const leftWords = (seconds: number, of: 'run' | 'phase' | undefined): string =>
  `${duration(seconds)} left${of === 'phase' ? ' in this phase' : ''}`;

const Fact = ({ children }: { children: ReactNode }) => (
  <Text span size="xs" className="figures" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
    {children}
  </Text>
);

function RunLine({ run }: { run: CurrentRun }) {
  const { words, share } = statusWords(run);
  const { progress, validation } = run;
  const moving = run.status === 'running' || run.status === 'evaluating';
  return (
    <>
      <Text
        size="xs"
        truncate
        className="figures"
        c={run.status === 'failed' ? 'var(--mantine-color-error)' : undefined}
        flex="0 1 auto"
        miw={0}
      >
        {words.join(' · ')}
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
          <Fact>{leftWords(progress.secondsLeft, progress.leftOf)}</Fact>
        )}
        {validation !== null && <Fact>val {percent(validation, 1)}</Fact>}
      </Group>
    </>
  );
}

export function StatusBar() {
  const current = useSession((s) => s.current);
  const problem = useProblem();
  const sentence = useSentence();
  const status = current?.status;
  return (
    <Group h="100%" px="sm" gap="sm" wrap="nowrap" component="section" aria-label="Status">
      {current ? (
        <RunLine run={current} />
      ) : (
        <>
          {/* Beside the column, which says it already, the key is news; without it the sentence is. */}
          <Text size="xs" c="dimmed" truncate visibleFrom="sm">
            {problem ? 'Not ready to train. ? lists the keys.' : 'Ready. Space starts training, ? lists the keys.'}
          </Text>
          <Text size="xs" c="dimmed" truncate hiddenFrom="sm">
            {problem ?? sentence}
          </Text>
        </>
      )}
      {/* Only changes of state are spoken, not every step. */}
      <output className="visually-hidden">{status ? `Run ${status}` : ''}</output>
    </Group>
  );
}
