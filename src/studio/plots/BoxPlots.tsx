/**
 * Pairs of Tukey box plots, one pair per group: a box from the first to the third quartile, the median, whiskers to the farthest
 * values within 1.5 box heights, outliers as dots.
 */
import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { boxPlot } from '../../domain/boxPlot.ts';
import type { BoxPlot } from '../../domain/boxPlot.ts';
import { CategoryAxis, VerticalAxis } from './Axis.tsx';
import type { PlotFrame } from './Axis.tsx';
import { linearScale, linearTicks } from './scales.ts';
import { PlotButton } from './PlotButton.tsx';
import classes from './BoxPlots.module.css';
import caption from './caption.module.css';

export interface BoxGroup {
  key: string;
  label: string;
  /** Full name, for the caption and screen readers. */
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
const summary = (name: string, plot: BoxPlot | null) =>
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
  const frame: PlotFrame = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const y = linearScale(linearTicks(0, top, 5), [frame.bottom, frame.top]);
  const step = (frame.right - frame.left) / Math.max(1, groups.length);
  const box = Math.max(3, Math.min(14, step * 0.3));
  const active = plots.find(({ group }) => group.key === (pointed ?? selected));
  return (
    <div ref={ref}>
      <svg width={width} height={height} role="group" aria-label={`${yLabel} per ReLU layer: ${names.join(' and ')}`}>
        <VerticalAxis scale={y} frame={frame} format={String} title={yLabel} />
        <CategoryAxis names={groups.map(({ key, label }) => [key, label])} frame={frame} title={xLabel} />
        <g data-roving>
          {plots.map(({ group, first, second }, i) => (
            <PlotButton
              key={group.key}
              label={`${group.name}. ${summary(names[0], first)}; ${summary(names[1], second)}`}
              pressed={group.key === selected}
              tabStop={group.key === (selected ?? groups[0]?.key)}
              className={classes.group}
              transform={`translate(${MARGIN.left + (i + 0.5) * step},0)`}
              onChoose={() => onSelect(group.key)}
              onPoint={(here) => setPointed(here ? group.key : null)}
            >
              <rect
                x={-step / 2}
                y={MARGIN.top}
                width={step}
                height={height - MARGIN.top - MARGIN.bottom}
                className={classes.ground}
                data-active={group.key === selected || undefined}
              />
              {first && <Box plot={first} x={-box - 1.5} width={box} y={y} colour={group.colour} filled />}
              {second && <Box plot={second} x={1.5} width={box} y={y} colour="var(--chart-ink)" />}
            </PlotButton>
          ))}
        </g>
      </svg>
      <div className={caption.text} role="status">
        {active && `${active.group.name}. ${summary(names[0], active.first)}; ${summary(names[1], active.second)}`}
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
