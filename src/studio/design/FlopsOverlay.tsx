/** Overlays of the plot of FLOPs over ReLUs: lines of equal latency, names of the curves, the network of the experiment. */
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { seconds } from '../../domain/describe.ts';
import { Mark } from '../parts/MethodMark.tsx';
import { placeLabels } from '../plots/placeLabels.ts';
import type { Box, LabelRequest, PlacedLabel } from '../plots/placeLabels.ts';
import type { FamilyCurve } from './families.ts';
import { useChosen } from './useChosen.ts';
import { isoLine } from './isoLatency.ts';
import type { LatencyPlane, Range } from './isoLatency.ts';

function useScales() {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  return x && y && area ? { x: (value: number) => x(value) ?? 0, y: (value: number) => y(value) ?? 0, area } : null;
}

/** Text has an outline in the background colour, so that lines behind it do not make it unreadable. */
const HALO = {
  paintOrder: 'stroke',
  stroke: 'var(--mantine-color-body)',
  strokeWidth: 3,
  strokeLinejoin: 'round',
} as const;

/** Half the size of a mark, pixels. */
const MARK = 5;

const Names = ({ labels, colour }: { labels: PlacedLabel[]; colour: string }) =>
  labels.map(({ key, text, x, y, anchor }) => (
    <text key={key} x={x} y={y} dy="0.32em" textAnchor={anchor} fontSize={11} fill={colour} style={HALO}>
      {text}
    </text>
  ));

export function IsoLines({
  plane,
  levels,
  x: xs,
  y: ys,
}: {
  plane: LatencyPlane;
  levels: number[];
  x: Range;
  y: Range;
}) {
  const scales = useScales();
  if (!scales) return null;
  const { x, y, area } = scales;
  const lines = levels.flatMap((level) => {
    const points = isoLine(plane, level, xs, ys).map((p) => ({ x: x(p.relus), y: y(p.macs), macs: p.macs }));
    return points.length < 2 ? [] : [{ level, points }];
  });
  // Labelled at the bottom end, else at the left end; a label without room is left out.
  const names = placeLabels(
    lines.map(({ level, points }): LabelRequest => {
      const end = points.at(-1)!;
      const steep = end.macs < ys.from * 1.05;
      const at = steep ? { x: end.x, y: end.y - 10 } : { x: points[0].x, y: points[0].y - 8 };
      return { key: String(level), text: seconds(level), ...at, gap: 4, left: steep };
    }),
    area,
  );
  return (
    <g aria-hidden>
      {lines.map(({ level, points }) => (
        <path
          key={level}
          d={points.map((p, i) => `${i ? 'L' : 'M'}${p.x.toFixed(1)},${p.y.toFixed(1)}`).join('')}
          fill="none"
          stroke="var(--chart-ink)"
          strokeOpacity={0.55}
          strokeDasharray="1 4"
          strokeLinecap="round"
          strokeWidth={1.5}
        />
      ))}
      <Names labels={names} colour="var(--chart-ink)" />
    </g>
  );
}

/** A name at the end of every curve, where there is room; the tooltip always has it. */
export function CurveTitles({ curves }: { curves: FamilyCurve[] }) {
  const scales = useScales();
  if (!scales) return null;
  const { x, y, area } = scales;
  const ends = curves.map(({ kind, title, points }) => {
    const end = points.at(-1)!;
    return { key: `${kind} ${title}`, text: title, x: x(end.drelus), y: y(end.macs), left: kind !== 'BaseCh' };
  });
  const marks = ends.map((end): Box => ({ x: end.x - MARK, y: end.y - MARK, width: 2 * MARK, height: 2 * MARK }));
  return (
    <g aria-hidden>
      <Names labels={placeLabels(ends, area, marks)} colour="var(--mantine-color-text)" />
    </g>
  );
}

/** The network of the experiment, with an arrow to the DReLUs that its methods leave. */
export function Chosen({ from }: { from: number }) {
  // Subscribes to the experiment itself, so that a slider redraws this mark and not the chart.
  const chosen = useChosen();
  const scales = useScales();
  if (!scales || !chosen) return null;
  const at = { x: scales.x(chosen.relus), y: scales.y(chosen.macs) };
  const after = scales.x(Math.max(from * 1.02, chosen.drelusAfter));
  const moves = at.x - after > 10;
  return (
    <g pointerEvents="none">
      {moves && (
        <>
          <path
            d={`M${at.x - 9},${at.y}H${after + 5}`}
            stroke="var(--mantine-color-text)"
            strokeWidth={1.25}
            fill="none"
          />
          <path
            d={`M${after + 10},${at.y - 4}L${after + 4},${at.y}L${after + 10},${at.y + 4}`}
            stroke="var(--mantine-color-text)"
            strokeWidth={1.25}
            fill="none"
          />
          <circle cx={after} cy={at.y} r={3.5} fill="none" stroke="var(--mantine-color-text)" strokeWidth={1.5} />
        </>
      )}
      <circle cx={at.x} cy={at.y} r={9} fill="none" stroke="var(--mantine-color-text)" strokeWidth={1.5} />
      <Mark shape="star" colour="var(--mantine-color-text)" x={at.x} y={at.y} r={4} />
      <text
        x={at.x}
        y={at.y - 14}
        textAnchor="middle"
        fontSize={12}
        fontWeight={600}
        fill="var(--mantine-color-text)"
        style={HALO}
      >
        {chosen.title}
      </text>
    </g>
  );
}
