/** The run in hand (or the one last shown): where it is, and its curves over one shared step axis. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconPlayerPlay } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { compact, exactly, learningRate, networkName, percent } from '../../domain/describe.ts';
import { exportMasks } from '../exports.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { MethodMark, styledMethodOf } from '../parts/MethodMark.tsx';
import { LIVE_ROWS, liveRows, phaseBands, ROWS } from '../plots/liveRows.ts';
import { StepChart } from '../plots/StepChart.tsx';
import type { Series, StepChartProps } from '../plots/StepChart.tsx';
import { useTurn } from '../plots/useTurn.ts';
import { useReadiness } from '../readiness.ts';
import { continueRun, startRun } from '../session.ts';
import { PhaseSteps } from '../parts/PhaseSteps.tsx';
import { useShownRun } from '../stores/runs.ts';
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
  { key: 'test', name: 'test', colour: 'var(--series-3)', dots: true, dashed: true },
];
const DRELUS: Series[] = [{ key: 'drelus', name: 'DReLUs', colour: 'var(--series-1)' }];
const LAMBDA: Series[] = [{ key: 'lambda', name: 'λ', colour: 'var(--series-1)' }];
const RATE: Series[] = [{ key: 'learningRate', name: 'rate', colour: 'var(--series-1)', steps: true }];

const percentTick = (value: number) => `${Math.round(value * 100)} %`;
const percentText = (value: number) => percent(value, 1);
const lossText = (value: number) => value.toFixed(value < 10 ? 3 : 1);
const lossTick = (value: number) => String(Number(value.toPrecision(3)));
type Common = Pick<StepChartProps, 'rows' | 'bands' | 'switches'>;

const none = { steps: [], epochs: [], phases: [], switches: [], warnings: [] } satisfies RunHistory;

function Heading({ run }: { run: RunSummary }) {
  const current = useSession((s) => s.current);
  const live = current?.id === run.id ? current : null;
  const finished = live ? live.status === 'done' : run.status === 'done';
  const setTab = useView((s) => s.setTab);
  const broken = !live && (run.status === 'interrupted' || run.status === 'stopped' || run.status === 'failed');
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
        {finished && (
          <Group gap="xs">
            {run.testAccuracy !== null && (
              <Text size="sm" className="figures">
                {run.drelus === null ? '' : `${exactly(run.drelus)} DReLUs, `}
                {percent(run.testAccuracy)} on test
              </Text>
            )}
            <Button variant="default" onClick={() => setTab('pareto')}>
              Show on the front
            </Button>
            <Button leftSection={<IconDownload size={15} />} onClick={() => void exportMasks(run)}>
              Export masks
            </Button>
          </Group>
        )}
      </Group>
      {(broken || live?.status === 'stopped') && (
        <Group gap="sm">
          <Text size="sm" c="var(--warn-text)">
            {run.status === 'failed'
              ? 'This run failed.'
              : run.status === 'interrupted'
                ? 'This run was interrupted.'
                : 'This run was stopped.'}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => void continueRun(run.id)}>
            {run.checkpointStep === null ? 'Begin again' : `Continue from step ${exactly(run.checkpointStep)}`}
          </Button>
        </Group>
      )}
      {live?.status === 'failed' && live.error && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title="The run failed">
          <Text size="sm">{live.error.message}</Text>
          {run.checkpointStep !== null && (
            <Button mt="xs" variant="default" onClick={() => void continueRun(run.id)}>
              Continue from step {exactly(run.checkpointStep)}
            </Button>
          )}
        </Alert>
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
      <div className="wide">
        <Turn
          turn={0}
          common={common}
          named
          title="Loss"
          yLabel="loss"
          series={LOSS}
          format={lossText}
          tick={lossTick}
          height={240}
          empty="The loss of each step will stand here once training has begun."
        />
      </div>
      <div className="wide">
        <Turn
          turn={1}
          common={common}
          title="Accuracy"
          yLabel="images right"
          series={ACCURACY}
          format={percentText}
          tick={percentTick}
          height={240}
          domain={[0, 1]}
          empty="Training accuracy comes with each step, validation accuracy after each epoch."
        />
      </div>
      <Turn
        turn={2}
        common={common}
        title="DReLUs"
        yLabel="DReLUs"
        series={DRELUS}
        format={exactly}
        tick={compact}
        height={190}
        domain={[0, 'auto']}
        empty="Counted while the masks shrink."
      />
      <Turn
        turn={3}
        common={common}
        title="Mask penalty"
        subtitle="λ"
        yLabel="λ"
        series={LAMBDA}
        format={learningRate}
        height={190}
        empty="Only the mask stage of SNL has a λ."
      />
      <Turn
        turn={4}
        common={common}
        title="Learning rate"
        yLabel="rate"
        series={RATE}
        format={learningRate}
        height={190}
        empty="Comes with the first step."
      />
    </div>
  );
}

export default function Live() {
  const { run, history } = useShownRun();
  const current = useSession((s) => s.current);
  const { problem, sentence } = useReadiness();
  if (!run)
    return (
      <EmptyState
        title="Nothing has been trained yet"
        action={
          <Button
            leftSection={<IconPlayerPlay size={15} />}
            disabled={problem !== null}
            onClick={() => void startRun()}
          >
            Train
          </Button>
        }
      >
        {problem ?? sentence} Loss, accuracy and the DReLU count will move here.
      </EmptyState>
    );
  const told = history ?? none;
  const live = current?.id === run.id ? current : null;
  return (
    <Stack gap="md">
      <Heading run={run} />
      <PhaseSteps
        phases={told.phases}
        current={isActive(live) ? (live.phase?.id ?? null) : null}
        epochs={told.epochs}
        progress={isActive(live) ? live.progress : null}
      />
      <Charts history={told} live={isActive(live)} />
      {told.switches.length > 0 && <Switches history={told} />}
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
