/** The run in hand (or the one last shown): where it is, and its curves over one shared step axis. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { compact, exactly, learningRate, networkName, percent } from '../../domain/describe.ts';
import { useGpuObstacle } from '../gpuJobs.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ExportMasks } from '../parts/ExportMasks.tsx';
import { MethodMark, styledMethodOf } from '../parts/MethodMark.tsx';
import { LIVE_ROWS, liveRows, phaseBands, ROWS } from '../plots/liveRows.ts';
import { StepChart } from '../plots/StepChart.tsx';
import type { Series, StepChartProps } from '../plots/StepChart.tsx';
import { useTurn } from '../plots/useTurn.ts';
import { useProblem, useSentence } from '../readiness.ts';
import { continueRun, startRun } from '../runInHand.ts';
import { PhaseSteps } from '../parts/PhaseSteps.tsx';
import { Reading } from '../parts/Reading.tsx';
import { wayOn } from '../runs/actions.ts';
import { useRuns, useShownRun } from '../stores/runs.ts';
import type { RunHistory } from '../stores/runs.ts';
import { isActive, useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import type { RunSummary } from '../../worker/protocol.ts';

const LOSS: Series[] = [
  { key: 'loss', name: 'raw', colour: 'var(--series-1)', faint: true },
  { key: 'smooth', name: 'loss', colour: 'var(--series-1)' },
  { key: 'crossEntropy', name: 'cross entr.', colour: 'var(--series-2)' },
];
const ACCURACY: Series[] = [
  { key: 'train', name: 'training', colour: 'var(--series-1)' },
  { key: 'validation', name: 'validation', colour: 'var(--series-2)', dots: true },
  { key: 'test', name: 'test', colour: 'var(--series-3)', dots: true, dash: '4 3' },
];
const DRELUS: Series[] = [{ key: 'drelus', name: 'DReLUs', colour: 'var(--series-1)' }];
const LAMBDA: Series[] = [{ key: 'lambda', name: 'λ', colour: 'var(--series-1)' }];
const RATE: Series[] = [{ key: 'learningRate', name: 'rate', colour: 'var(--series-1)', steps: true }];

const percentTick = (value: number) => `${Math.round(value * 100)}%`;
const percentText = (value: number) => percent(value, 1);
const lossText = (value: number) => value.toFixed(value < 10 ? 3 : 1);
const lossTick = (value: number) => String(Number(value.toPrecision(3)));
type Common = Pick<StepChartProps, 'rows' | 'bands' | 'switches'>;

/** The charts over one step axis, each drawn in its turn; wide ones two a row, the others three. */
const CHARTS: (Omit<StepChartProps, keyof Common> & { wide?: boolean })[] = [
  {
    wide: true,
    named: true,
    title: 'Loss',
    yLabel: 'loss',
    series: LOSS,
    format: lossText,
    tick: lossTick,
    height: 240,
    empty: 'The loss of each step will stand here once training has begun.',
  },
  {
    wide: true,
    title: 'Accuracy',
    yLabel: 'images right',
    series: ACCURACY,
    format: percentText,
    tick: percentTick,
    height: 240,
    domain: [0, 1],
    empty: 'Training accuracy comes with each step, validation accuracy after each epoch.',
  },
  {
    title: 'DReLUs',
    yLabel: 'DReLUs',
    series: DRELUS,
    format: exactly,
    tick: compact,
    height: 190,
    domain: [0, 'auto'],
    empty: 'Counted while the masks shrink.',
  },
  {
    title: 'Mask penalty',
    subtitle: 'λ',
    yLabel: 'λ',
    series: LAMBDA,
    format: learningRate,
    height: 190,
    empty: 'Only the mask stage of SNL has a λ.',
  },
  {
    title: 'Learning rate',
    yLabel: 'rate',
    series: RATE,
    format: learningRate,
    height: 190,
    empty: 'Comes with the first step.',
  },
];

const ENDS = { done: true, stopped: true, failed: true };
const none = { steps: [], epochs: [], phases: [], switches: [], warnings: [] } satisfies RunHistory;

/** What became of a run that is not done, and the way on from there. */
function Unfinished({ run, message }: { run: RunSummary; message: string | null }) {
  const obstacle = useGpuObstacle();
  const words = { failed: 'This run failed', interrupted: 'This run was interrupted', stopped: 'This run was stopped' };
  return (
    <Group gap="sm" role={run.status === 'failed' ? 'alert' : undefined}>
      <Text size="sm" c={run.status === 'failed' ? 'var(--mantine-color-error)' : 'var(--warn-text)'} maw={760}>
        {words[run.status as keyof typeof words] ?? words.stopped}
        {message ? `: ${message}` : '.'}
      </Text>
      <Button
        size="compact-xs"
        variant="default"
        disabled={obstacle !== null}
        title={obstacle ?? undefined}
        onClick={() => void continueRun(run.id)}
      >
        {wayOn(run)}
      </Button>
    </Group>
  );
}

/** "49,400 DReLUs, 73.75 % on test"; how the weights were picked where that makes the number too high. */
function Result({ run }: { run: RunSummary }) {
  const { testAccuracy, drelus, experiment } = run;
  if (testAccuracy === null) return null;
  return (
    <Text size="sm" className="figures">
      {drelus === null ? '' : `${exactly(drelus)} DReLUs, `}
      {percent(testAccuracy)} on test
      {experiment.selection === 'paper' && (
        <Text span inherit c="var(--warn-text)">
          , paper protocol: best test epoch
        </Text>
      )}
    </Text>
  );
}

function Heading({ run }: { run: RunSummary }) {
  const live = useSession((s) => (s.current?.id === run.id ? s.current.status : null));
  const message = useSession((s) => (s.current?.id === run.id ? (s.current.error?.message ?? null) : null));
  const setTab = useView((s) => s.setTab);
  // The list of runs is read about once a second: what the run itself says comes first.
  const ended: RunSummary['status'] =
    live === null ? run.status : live in ENDS ? (live as RunSummary['status']) : 'running';
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
        {ended === 'done' && (
          <Group gap="xs">
            <Result run={run} />
            <Button variant="default" onClick={() => setTab('pareto')}>
              Show on the front
            </Button>
            <ExportMasks run={run} />
          </Group>
        )}
      </Group>
      {(ended === 'failed' || ended === 'stopped' || ended === 'interrupted') && (
        <Unfinished run={{ ...run, status: ended }} message={message} />
      )}
    </Stack>
  );
}

/** A chart that draws in its turn. */
function Turn({ turn, common, ...rest }: { turn: number; common: Common } & Omit<StepChartProps, keyof Common>) {
  return <StepChart {...useTurn(common, turn)} {...rest} />;
}

function Charts({ history: told, live }: { history: RunHistory; live: boolean }) {
  // While it trains the charts may lag behind what is typed and clicked, and show fewer points: no redraw may be felt.
  const history = useDeferredValue(told);
  const rows = useMemo(() => liveRows(history, live ? LIVE_ROWS : ROWS), [history, live]);
  const bands = useMemo(() => phaseBands(history), [history]);
  const { switches } = history;
  const common = useMemo(() => ({ rows, bands, switches }), [rows, bands, switches]);
  return (
    <div className="live-charts">
      {CHARTS.map(({ wide, ...chart }, turn) => (
        <div key={chart.title} className={wide ? 'wide' : undefined}>
          <Turn turn={turn} common={common} {...chart} />
        </div>
      ))}
    </div>
  );
}

function NothingYet() {
  const problem = useProblem();
  const sentence = useSentence();
  return (
    <EmptyState
      title="Nothing has been trained yet"
      action={
        <Button leftSection={<IconPlayerPlay size={15} />} disabled={problem !== null} onClick={() => void startRun()}>
          Train
        </Button>
      }
    >
      {problem ?? sentence} Loss, accuracy and the DReLU count will move here.
    </EmptyState>
  );
}

export default function Live() {
  const { run, history } = useShownRun();
  const runs = useRuns((s) => s.runs);
  const shown = useRuns((s) => s.shown);
  const live = useSession((s) => (run && s.current?.id === run.id && isActive(s.current) ? s.current : null));
  if (runs === null) return <Reading what="runs" />;
  // A run that has just begun is not in the list yet.
  if (!run && shown !== null) return <Reading what="the run" />;
  if (!run) return <NothingYet />;
  const told = history ?? none;
  return (
    <Stack gap="md">
      <Heading run={run} />
      <PhaseSteps
        phases={told.phases}
        current={live?.phase?.id ?? null}
        epochs={told.epochs}
        progress={live?.progress ?? null}
      />
      <Charts history={told} live={live !== null} />
      {told.switches.length > 0 && <Switches history={told} />}
      {told.warnings.length > 0 && <Warnings warnings={told.warnings} />}
    </Stack>
  );
}

/** What the run had to warn of, each once. */
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

/** What each switch of the gates did to the accuracy. */
function Switches({ history }: { history: RunHistory }) {
  return (
    <Stack gap={4} component="section" aria-label="Switches">
      <Text component="h3" size="sm" fw={600}>
        Switches
      </Text>
      {history.switches.map(({ step, what, before, after }) => (
        <Text key={`${step}${what}`} size="sm" className="figures">
          Step {exactly(step)}: {what}
          {before && after
            ? `, validation ${percent(before.accuracy, 1)} before, ${percent(after.accuracy, 1)} after`
            : ''}
        </Text>
      ))}
    </Stack>
  );
}
