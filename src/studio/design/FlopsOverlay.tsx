/** What is drawn over the plot of FLOPs against ReLUs by its own axes: lines of equal latency, names of curves, the chosen network. */
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { seconds } from '../../domain/describe.ts';
import { Mark } from '../parts/MethodMark.tsx';
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

/** Letters stand on the ground's colour, so that lines passing under them do not cross them out. */
const HALO = {
  paintOrder: 'stroke',
  stroke: 'var(--mantine-color-body)',
  strokeWidth: 3,
  strokeLinejoin: 'round',
} as const;

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
  const { x, y } = scales;
  return (
    <g aria-hidden>
      {levels.map((level) => {
        const line = isoLine(plane, level, xs, ys);
        if (line.length < 2) return null;
        const d = line.map((p, i) => `${i ? 'L' : 'M'}${x(p.relus).toFixed(1)},${y(p.macs).toFixed(1)}`).join('');
        const top = line[0];
        const end = line.at(-1)!;
        // Named where it leaves the frame at the bottom, else at its left end.
        const steep = end.macs < ys.from * 1.05;
        return (
          <g key={level}>
            <path
              d={d}
              fill="none"
              stroke="var(--chart-ink)"
              strokeOpacity={0.55}
              strokeDasharray="1 4"
              strokeLinecap="round"
              strokeWidth={1.5}
            />
            <text
              x={steep ? x(end.relus) - 4 : x(top.relus) + 4}
              y={steep ? y(end.macs) - 6 : y(top.macs) - 4}
              textAnchor={steep ? 'end' : 'start'}
              fontSize={11}
              fill="var(--chart-ink)"
              style={HALO}
            >
              {seconds(level)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** A name at the end of every curve; names that would cover one another move down. */
export function CurveTitles({ curves }: { curves: FamilyCurve[] }) {
  const scales = useScales();
  if (!scales) return null;
  const { x, y, area } = scales;
  const titles = curves
    .map((curve) => {
      const end = curve.points.at(-1)!;
      return { key: `${curve.kind} ${curve.title}`, title: curve.title, x: x(end.drelus) + 8, y: y(end.macs) + 4 };
    })
    .sort((a, b) => a.y - b.y);
  for (let i = 1; i < titles.length; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(titles[i].x - titles[j].x) < 90 && Math.abs(titles[i].y - titles[j].y) < 13)
        titles[i] = { ...titles[i], x: Math.max(titles[i].x, titles[j].x), y: titles[j].y + 13 };
  // A name must not cover the mark at another curve's end either: it then begins behind that mark.
  const marks = curves.map((curve) => ({ x: x(curve.points.at(-1)!.drelus), y: y(curve.points.at(-1)!.macs) }));
  for (const title of titles)
    for (const mark of marks) {
      const covers = mark.x > title.x - 4 && mark.x < title.x + title.title.length * 6.5;
      if (covers && Math.abs(mark.y + 4 - title.y) < 10) title.x = mark.x + 8;
    }
  return (
    <g aria-hidden>
      {titles.map((title) => {
        const outside = title.x + title.title.length * 6.5 > area.x + area.width;
        return (
          <text
            key={title.key}
            x={outside ? title.x - 16 : title.x}
            y={title.y}
            textAnchor={outside ? 'end' : 'start'}
            fontSize={11}
            fill="var(--mantine-color-text)"
            style={HALO}
          >
            {title.title}
          </text>
        );
      })}
    </g>
  );
}

/** The experiment's network, and an arrow to where its methods take it: fewer DReLUs, the same MACs. */
export function Chosen({ from }: { from: number }) {
  // Reads the experiment itself, so that a slider moves this mark and leaves the chart around it alone.
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
