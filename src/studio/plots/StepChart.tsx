/**
 * Lines over training steps, of one run or of several: phases as bands, transitions as vertical lines, labels at the ends of the
 * lines, and a crosshair shared by all charts of one `syncId` (which must have the same rows). The y axis may be logarithmic.
 */
import { memo, useMemo } from 'react';
import {
  CartesianGrid,
  Label,
  Line,
  LineChart,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { ReactNode } from 'react';
import type { TooltipContentProps } from 'recharts';
import { compact, exactly } from '../../domain/describe.ts';
import type { Transition } from '../../worker/protocol.ts';
import { Figure } from '../parts/Figure.tsx';
import { EndLabels } from './EndLabels.tsx';
import type { EndLabel } from './EndLabels.tsx';
import type { Band, StepRow } from './liveRows.ts';
import { PhaseNames } from './PhaseNames.tsx';
import { logDomain, logTicks } from './scales.ts';
import classes from './StepChart.module.css';

export interface Series {
  key: string;
  name: string;
  /** Label at the end of the line, where the name is too long. */
  short?: string;
  colour: string;
  /** A faint line without a label: raw values behind the smoothed ones. */
  faint?: boolean;
  /** One point per epoch, joined by lines. */
  dots?: boolean;
  /** An SVG dash pattern: "4 3". */
  dash?: string;
  /** Holds its value until the next point. */
  steps?: boolean;
}

export interface StepChartProps {
  title: string;
  subtitle?: string;
  rows: readonly StepRow[];
  series: Series[];
  format(value: number): string;
  /** Format of the axis ticks, by default `format`. */
  tick?(value: number): string;
  yLabel: string;
  bands?: readonly Band[];
  transitions?: readonly Transition[];
  /** Writes the names of the phases above the plot. */
  named?: boolean;
  log?: boolean;
  domain?: [number | 'auto', number | 'auto'];
  height?: number;
  empty: string;
  /** null: a crosshair that is not shared. */
  syncId?: string | null;
  /** Room for the labels right of the plot, in pixels. */
  labelWidth?: number;
  /** Right of the title. */
  actions?: ReactNode;
}

const NONE: readonly never[] = [];
/** Most ticks of a logarithmic axis. */
const MAX_LOG_TICKS = 6;
const valueAt = (row: StepRow, key: string): number | null => row[key] ?? null;

/** Zero and negative values have no place on a logarithmic axis: they are left out of the lines. */
const positiveOnly = (rows: readonly StepRow[], series: readonly Series[]): StepRow[] =>
  rows.map((row) => {
    const kept = { ...row };
    for (const { key } of series) if ((kept[key] ?? 1) <= 0) kept[key] = null;
    return kept;
  });

type Content = TooltipContentProps & { series: Series[]; format(value: number): string };

function Crosshair({ active, payload, label, series, format }: Content) {
  if (!active || payload.length === 0) return null;
  return (
    <div className={classes.crosshair}>
      <div className={classes.step}>step {exactly(Number(label))}</div>
      {series.map(({ key, name, colour, faint }) => {
        const value = payload.find(({ dataKey }) => dataKey === key)?.value;
        return typeof value === 'number' && !faint ? (
          <div key={key}>
            <span style={{ color: colour }}>■</span> {name} {format(value)}
          </div>
        ) : null;
      })}
    </div>
  );
}

export const StepChart = memo(function StepChart({
  title,
  subtitle,
  rows,
  series,
  format,
  tick = format,
  yLabel,
  bands = NONE,
  transitions = NONE,
  named,
  log,
  domain,
  height = 200,
  empty,
  syncId = 'live',
  labelWidth = 76,
  actions,
}: StepChartProps) {
  const shown = useMemo(
    () => series.filter(({ key }) => rows.some((row) => valueAt(row, key) !== null)),
    [rows, series],
  );
  const labels = useMemo(
    () =>
      shown
        .filter(({ faint }) => !faint)
        .map(({ key, name, short, colour }): EndLabel => ({
          key,
          text: short ?? name,
          colour,
          value: rows.findLast((row) => valueAt(row, key) !== null)?.[key] ?? 0,
        })),
    [rows, shown],
  );
  const last = rows.at(-1)?.step ?? 0;
  const drawn = useMemo(() => (log ? positiveOnly(rows, shown) : rows), [log, rows, shown]);
  const logRange = useMemo(() => {
    if (!log) return null;
    const values = drawn.flatMap((row) => shown.map(({ key }) => row[key] ?? 0));
    return logDomain(values, 1);
  }, [log, drawn, shown]);
  const table = useMemo(
    () => ({
      columns: ['Step', ...shown.map(({ name }) => name)],
      rows: () =>
        rows.map((row) => [
          exactly(row.step),
          ...shown.map(({ key }) => {
            const value = valueAt(row, key);
            return value === null ? '' : format(value);
          }),
        ]),
    }),
    [rows, shown, format],
  );
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      height={height}
      empty={shown.length === 0 ? empty : null}
      table={table}
      actions={actions}
    >
      <ResponsiveContainer width="100%" height="100%" minWidth={0} initialDimension={{ width: 320, height }}>
        <LineChart
          data={drawn as StepRow[]}
          syncId={syncId ?? undefined}
          margin={{ top: named ? 18 : 8, right: labelWidth, bottom: 16, left: 8 }}
          accessibilityLayer
          title={title}
        >
          <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
          {bands.map((band, i) => (
            <ReferenceArea
              key={band.id}
              x1={band.from}
              x2={Math.min(band.to, last)}
              fill="var(--chart-band)"
              fillOpacity={i % 2 ? 0.05 : 0}
              stroke="none"
              ifOverflow="hidden"
            />
          ))}
          {transitions.map((record) => (
            <ReferenceLine
              key={`${record.step}${record.what}`}
              x={record.step}
              stroke="var(--chart-ink)"
              strokeDasharray="2 3"
            />
          ))}
          <XAxis
            dataKey="step"
            type="number"
            domain={[0, 'dataMax']}
            tickFormatter={compact}
            stroke="var(--chart-ink)"
            tickLine={false}
            height={34}
            minTickGap={40}
          >
            <Label value="step" position="insideBottom" offset={-2} fontSize={12} />
          </XAxis>
          <YAxis
            scale={log ? 'log' : 'auto'}
            domain={logRange ?? domain ?? [0, 'auto']}
            ticks={logRange ? logTicks(...logRange, MAX_LOG_TICKS) : undefined}
            tickFormatter={tick}
            stroke="var(--chart-ink)"
            axisLine={false}
            tickLine={false}
            width={62}
          >
            <Label
              value={yLabel}
              angle={-90}
              position="insideLeft"
              offset={2}
              style={{ textAnchor: 'middle' }}
              fontSize={12}
            />
          </YAxis>
          <Tooltip
            isAnimationActive={false}
            filterNull={false}
            cursor={{ stroke: 'var(--chart-ink)', strokeDasharray: '3 3' }}
            content={(props) => <Crosshair {...props} series={shown} format={format} />}
          />
          {shown.map(({ key, name, colour, faint, dots, dash, steps }) => (
            <Line
              key={key}
              dataKey={key}
              name={name}
              stroke={colour}
              strokeWidth={faint ? 1 : 1.75}
              strokeOpacity={faint ? 0.3 : 1}
              strokeDasharray={dash}
              dot={dots ? { r: 2.5, fill: colour, strokeWidth: 0 } : false}
              activeDot={faint ? false : { r: 3.5, strokeWidth: 0 }}
              isAnimationActive={false}
              connectNulls
              type={steps ? 'stepAfter' : 'linear'}
            />
          ))}
          <EndLabels labels={labels} />
          {named && <PhaseNames bands={bands} transitions={transitions} />}
        </LineChart>
      </ResponsiveContainer>
    </Figure>
  );
});
