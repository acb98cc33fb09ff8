/** The head of the Live tab: name and network of the run, its result, or why it ended early and how to resume it. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { exactly, networkName, percent } from '../../domain/describe.ts';
import { continueRun } from '../currentRun.ts';
import { useGpuObstacle } from '../gpuJobs.ts';
import { ExportMasks } from '../parts/ExportMasks.tsx';
import { MethodMark, styledMethodOf } from '../parts/MethodMark.tsx';
import { resumeTitle } from '../runs/actions.ts';
import { useRuns } from '../stores/runs.ts';
import { useView } from '../stores/view.ts';
import type { RunSummary } from '../../worker/protocol.ts';

const ENDINGS: Partial<Record<RunSummary['status'], string>> = {
  failed: 'This run failed',
  interrupted: 'This run was interrupted',
  stopped: 'This run was stopped',
};

function Unfinished({ run, ending }: { run: RunSummary; ending: string }) {
  const obstacle = useGpuObstacle();
  const message = useRuns((s) => (s.current?.id === run.id ? (s.current.error?.message ?? null) : null));
  const failed = run.status === 'failed';
  return (
    <Group gap="sm" role={failed ? 'alert' : undefined}>
      <Text size="sm" c={failed ? 'var(--mantine-color-error)' : 'var(--warn-text)'} maw={760}>
        {ending}
        {message ? `: ${message}` : '.'}
      </Text>
      <Button
        size="compact-xs"
        variant="default"
        disabled={obstacle !== null}
        title={obstacle ?? undefined}
        onClick={() => void continueRun(run.id)}
      >
        {resumeTitle(run)}
      </Button>
    </Group>
  );
}

/** "49,400 DReLUs, test accuracy 73.75%", with a warning where test data selected the weights. */
function Result({ run }: { run: RunSummary }) {
  const { testAccuracy, drelus, experiment } = run;
  if (testAccuracy === null) return null;
  return (
    <Text size="sm">
      {drelus === null ? '' : `${exactly(drelus)} DReLUs, `}
      test accuracy {percent(testAccuracy)}
      {experiment.selection === 'paper' && (
        <Text span inherit c="var(--warn-text)">
          {' '}
          (paper protocol: best test epoch)
        </Text>
      )}
    </Text>
  );
}

export function RunHeading({ run }: { run: RunSummary }) {
  const setTab = useView((s) => s.setTab);
  const ending = ENDINGS[run.status];
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="center" gap="sm">
        <Group gap={8} wrap="nowrap">
          <MethodMark method={styledMethodOf(run.experiment)} size={14} />
          <Text component="h2" fw={600}>
            {run.name}
          </Text>
          <Text size="sm" c="dimmed">
            {networkName(run.experiment.network)}
          </Text>
        </Group>
        {run.status === 'done' && (
          <Group gap="xs">
            <Result run={run} />
            <Button variant="default" onClick={() => setTab('pareto')}>
              View in Pareto plot
            </Button>
            <ExportMasks run={run} />
          </Group>
        )}
      </Group>
      {ending && <Unfinished run={run} ending={ending} />}
    </Stack>
  );
}
