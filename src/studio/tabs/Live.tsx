/** Live: phases, charts, transitions and warnings of the viewed run. */
import { Button, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { exactly, percent } from '../../domain/describe.ts';
import { startRun } from '../currentRun.ts';
import { LiveCharts } from '../live/LiveCharts.tsx';
import { RunHeading } from '../live/RunHeading.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { PhaseSteps } from '../parts/PhaseSteps.tsx';
import { Reading } from '../parts/Reading.tsx';
import { useProblem, useSentence } from '../readiness.ts';
import { emptyHistory, isActive, useRunList, useRuns, useViewedRun } from '../stores/runs.ts';
import type { RunHistory } from '../stores/runs.ts';

const EMPTY = emptyHistory();

function NoRun() {
  const problem = useProblem();
  const sentence = useSentence();
  return (
    <EmptyState
      title="No run yet"
      action={
        <Button leftSection={<IconPlayerPlay size={15} />} disabled={problem !== null} onClick={() => void startRun()}>
          Train
        </Button>
      }
    >
      {problem ?? sentence} Loss, accuracy and DReLU count appear here during training.
    </EmptyState>
  );
}

export default function Live() {
  const read = useRunList() !== null;
  const run = useViewedRun();
  const history = useRuns((s) => (run ? s.histories[run.id] : undefined)) ?? EMPTY;
  const active = useRuns((s) => (run && s.current?.id === run.id && isActive(s.current) ? s.current : null));
  if (!read) return <Reading what="runs" />;
  if (!run) return <NoRun />;
  return (
    <Stack gap="md">
      <RunHeading run={run} />
      <PhaseSteps
        phases={history.phases}
        current={active?.phase?.id ?? null}
        epochs={history.epochs}
        progress={active?.progress ?? null}
      />
      <LiveCharts history={history} live={active !== null} />
      {history.switches.length > 0 && <Transitions history={history} />}
      {history.warnings.length > 0 && <Warnings warnings={history.warnings} />}
    </Stack>
  );
}

/** The warnings of the run, each once. */
function Warnings({ warnings }: { warnings: string[] }) {
  return (
    <Stack gap={4} component="section" aria-label="Warnings">
      <Text component="h3" size="sm" fw={600}>
        Warnings
      </Text>
      {[...new Set(warnings)].map((warning) => (
        <Text key={warning} size="sm" c="var(--warn-text)">
          {warning}
        </Text>
      ))}
    </Stack>
  );
}

/** Changes of the gates during the run, with the validation accuracy before and after: "masks binarized at step 68, …". */
function Transitions({ history }: { history: RunHistory }) {
  return (
    <Stack gap={4} component="section" aria-label="Transitions">
      <Text component="h3" size="sm" fw={600}>
        Transitions
      </Text>
      {history.switches.map(({ step, what, detail, before, after }) => (
        <Text key={`${step}${what}`} size="sm">
          {what} at step {exactly(step)}
          {detail ? `: ${detail}` : ''}
          {before && after
            ? `, validation accuracy ${percent(before.accuracy, 1)} → ${percent(after.accuracy, 1)}`
            : ''}
        </Text>
      ))}
    </Stack>
  );
}
