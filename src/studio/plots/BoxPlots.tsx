/**
 * Pairs of box plots, one pair a group, as Tukey draws them: a box from quartile to quartile, its median, whiskers to the farthest
 * values within 1.5 box heights, outliers as dots.
 */
import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { boxPlot } from '../../domain/boxPlot.ts';
import type { BoxPlot } from '../../domain/boxPlot.ts';
import { linearScale, linearTicks } from './axes.ts';
import { PlotButton } from './PlotButton.tsx';
import './boxPlots.css';

export interface BoxGroup {
  key: string;
  label: string;
  /** For hovering and screen readers. */
  name: string;
  colour: string;
  first: number[];
  second: number[];
}

export interface BoxPlotsProps {
  groups: BoxGroup[];
  /** Names of the two: filled and hollow. */
  names: [string, string];
  yLabel: string;
  xLabel: string;
  selected: string | null;
  onSelect(key: string): void;
  height: number;
}

const MARGIN = { top: 8, right: 8, bottom: 42, left: 50 };
const shown = (value: number) => value.toFixed(3);
const told = (name: string, plot: BoxPlot | null) =>
  plot
    ? `${name}: median ${shown(plot.median)}, quartiles ${shown(plot.firstQuartile)} to ${shown(plot.thirdQuartile)}, n ${plot.count}`
    : `${name}: no values`;

export function BoxPlots({ groups, names, yLabel, xLabel, selected, onSelect, height }: BoxPlotsProps) {
  const { ref, width: measured } = useElementSize();
  const [pointed, setPointed] = useState<string | null>(null);
  const width = Math.max(280, measured);
  const plots = useMemo(
    () => groups.map((group) => ({ group, first: boxPlot(group.first), second: boxPlot(group.second) })),
    [groups],
  );
  const top = Math.max(0.05, ...groups.flatMap(({ first, second }) => [...first, ...second]));
  const y = linearScale(linearTicks(0, top, 5), [height - MARGIN.bottom, MARGIN.top]);
  const step = (width - MARGIN.left - MARGIN.right) / Math.max(1, groups.length);
  const box = Math.max(3, Math.min(14, step * 0.3));
  const active = plots.find(({ group }) => group.key === (pointed ?? selected));
  return (
    <div ref={ref} className="box-plots">
      <svg width={width} height={height} role="group" aria-label={`${yLabel} by site: ${names.join(' and ')}`}>
        {y.ticks.map((tick) => (
          <g key={tick} transform={`translate(0,${y(tick)})`}>
            <line x1={MARGIN.left} x2={width - MARGIN.right} stroke="var(--chart-grid)" />
            <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        <text transform={`translate(12,${(height - MARGIN.bottom + MARGIN.top) / 2}) rotate(-90)`} textAnchor="middle">
          {yLabel}
        </text>
        <text x={(MARGIN.left + width) / 2} y={height - 4} textAnchor="middle">
          {xLabel}
        </text>
        {plots.map(({ group, first, second }, i) => (
          <PlotButton
            key={group.key}
            label={`${group.name}. ${told(names[0], first)}; ${told(names[1], second)}`}
            pressed={group.key === selected}
            className="box-group"
            transform={`translate(${MARGIN.left + (i + 0.5) * step},0)`}
            onChoose={() => onSelect(group.key)}
            onPoint={(here) => setPointed(here ? group.key : null)}
          >
            <rect
              x={-step / 2}
              y={MARGIN.top}
              width={step}
              height={height - MARGIN.top - MARGIN.bottom}
              className="box-ground"
              data-active={group.key === selected || undefined}
            />
            {first && <Box plot={first} x={-box - 1.5} width={box} y={y} colour={group.colour} filled />}
            {second && <Box plot={second} x={1.5} width={box} y={y} colour="var(--chart-ink)" />}
            {(step > 34 || i % Math.ceil(34 / step) === 0) && (
              <text y={height - MARGIN.bottom + 16} textAnchor="middle">
                {group.label}
              </text>
            )}
          </PlotButton>
        ))}
      </svg>
      <div className="matrix-told figures" role="status">
        {active && `${active.group.name}. ${told(names[0], active.first)}; ${told(names[1], active.second)}`}
      </div>
    </div>
  );
}

interface BoxProps {
  plot: BoxPlot;
  x: number;
  width: number;
  y(value: number): number;
  colour: string;
  filled?: boolean;
}

function Box({ plot, x, width, y, colour, filled }: BoxProps) {
  const middle = x + width / 2;
  return (
    <g stroke={colour}>
      <line x1={middle} x2={middle} y1={y(plot.low)} y2={y(plot.firstQuartile)} />
      <line x1={middle} x2={middle} y1={y(plot.thirdQuartile)} y2={y(plot.high)} />
      <rect
        x={x}
        y={y(plot.thirdQuartile)}
        width={width}
        height={Math.max(1, y(plot.firstQuartile) - y(plot.thirdQuartile))}
        fill={filled ? colour : 'var(--mantine-color-body)'}
        fillOpacity={filled ? 0.4 : 1}
      />
      <line x1={x} x2={x + width} y1={y(plot.median)} y2={y(plot.median)} strokeWidth={2} />
      {plot.outliers.map((value, i) => (
        <circle key={i} cx={middle} cy={y(value)} r={1.6} fill="none" />
      ))}
    </g>
  );
}
