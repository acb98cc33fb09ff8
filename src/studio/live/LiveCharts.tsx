/** The charts of a run over one shared step axis: loss, accuracy, DReLUs, λ and learning rate. */
import { SegmentedControl } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { compact, exactly, learningRate, percent } from '../../domain/describe.ts';
import { liveRows, MAX_LIVE_ROWS, MAX_ROWS, phaseBands } from '../plots/liveRows.ts';
import type { LiveRow } from '../plots/liveRows.ts';
import { isLogAxis } from '../plots/lossTerms.ts';
import { StepChart } from '../plots/StepChart.tsx';
import type { Series, StepChartProps } from '../plots/StepChart.tsx';
import { useStaggered } from '../plots/useStaggered.ts';
import type { RunHistory } from '../stores/runs.ts';
import { useView } from '../stores/view.ts';
import classes from './LiveCharts.module.css';

const LOSS: Series[] = [
  { key: 'raw', name: 'raw', colour: 'var(--series-1)', faint: true },
  { key: 'crossEntropy', name: 'cross entropy', short: 'cross entr.', colour: 'var(--series-1)' },
  { key: 'distillation', name: 'distillation', colour: 'var(--series-3)' },
  { key: 'penalty', name: 'mask penalty', short: 'penalty', colour: 'var(--series-2)' },
  { key: 'total', name: 'total', colour: 'var(--chart-ink)', dash: '4 3' },
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
const lossText = (value: number) => (value < 0.0995 ? value.toPrecision(2) : value.toFixed(value < 10 ? 3 : 1));
const lossTick = (value: number) => String(Number(value.toPrecision(3)));

type Shared = Pick<StepChartProps, 'rows' | 'bands' | 'transitions'>;
type Chart = Omit<StepChartProps, keyof Shared>;

const ACCURACY_CHART: Chart = {
  title: 'Accuracy',
  yLabel: 'accuracy',
  series: ACCURACY,
  format: percentText,
  tick: percentTick,
  height: 240,
  domain: [0, 1],
  empty: 'Training accuracy appears with the first step, validation accuracy after each epoch.',
};

const SMALL_CHARTS: Chart[] = [
  {
    title: 'DReLUs',
    yLabel: 'DReLUs',
    series: DRELUS,
    format: exactly,
    tick: compact,
    height: 190,
    domain: [0, 'auto'],
    empty: 'Appears once training starts.',
  },
  {
    title: 'Mask penalty weight',
    subtitle: 'λ',
    yLabel: 'λ',
    series: LAMBDA,
    format: learningRate,
    height: 190,
    empty: 'Only the mask stage of SNL has a mask penalty.',
  },
  {
    title: 'Learning rate',
    yLabel: 'rate',
    series: RATE,
    format: learningRate,
    height: 190,
    empty: 'Appears once training starts.',
  },
];

/** The loss, its terms apart, on a linear or logarithmic axis. */
function LossChart(shared: Shared & { rows: readonly LiveRow[] }) {
  const axis = useView((s) => s.lossAxis);
  const setAxis = useView((s) => s.setLossAxis);
  const log = useMemo(() => isLogAxis(axis, shared.rows), [axis, shared.rows]);
  const control = useMemo(
    () => (
      <SegmentedControl
        aria-label="Loss axis"
        value={log ? 'log' : 'linear'}
        onChange={(chosen) => setAxis(chosen === 'log' ? 'log' : 'linear')}
        data={[
          { value: 'linear', label: 'Linear' },
          { value: 'log', label: 'Log' },
        ]}
      />
    ),
    [log, setAxis],
  );
  return (
    <StepChart
      {...shared}
      named
      log={log}
      title="Loss"
      yLabel="loss"
      series={LOSS}
      format={lossText}
      tick={lossTick}
      height={240}
      empty="Loss appears here once training starts."
      actions={control}
    />
  );
}

/** A chart that is redrawn `place` turns after the first one. */
function StaggeredChart({ place, shared, ...chart }: { place: number; shared: Shared } & Chart) {
  return <StepChart {...useStaggered(shared, place)} {...chart} />;
}

/** `live`: the run is being trained, so the charts are redrawn several times a second. */
export function LiveCharts({ history: latest, live }: { history: RunHistory; live: boolean }) {
  // During training the charts may lag behind input, and show fewer points, so that redrawing them does not block the page.
  const history = useDeferredValue(latest);
  const rows = useMemo(() => liveRows(history, live ? MAX_LIVE_ROWS : MAX_ROWS), [history, live]);
  const bands = useMemo(() => phaseBands(history), [history]);
  const { switches: transitions } = history;
  const shared = useMemo(() => ({ rows, bands, transitions }), [rows, bands, transitions]);
  return (
    <div className={classes.charts}>
      <div className={classes.wide}>
        <LossChart {...shared} />
      </div>
      <div className={classes.wide}>
        <StaggeredChart place={1} shared={shared} {...ACCURACY_CHART} />
      </div>
      {SMALL_CHARTS.map((chart, i) => (
        <div key={chart.title}>
          <StaggeredChart place={i + 2} shared={shared} {...chart} />
        </div>
      ))}
    </div>
  );
}
