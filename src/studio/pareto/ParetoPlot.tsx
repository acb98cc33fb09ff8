/**
 * Accuracy over DReLUs on a logarithmic axis. Own runs are filled in the colour and shape of their method; their Pareto front is a
 * step line. Published results are hollow and grey, with a thin line per method. The current run is a trail with one point per
 * epoch, whose last point pulses when it is added.
 */
import { useElementSize } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode, Ref } from 'react';
import { compact } from '../../domain/describe.ts';
import { frontOf } from '../../domain/pareto.ts';
import type { PublishedPoint } from '../../domain/published.ts';
import { Mark } from '../parts/MethodMark.tsx';
import { HorizontalAxis, VerticalAxis } from '../plots/Axis.tsx';
import type { PlotFrame } from '../plots/Axis.tsx';
import { linearScale, linearTicks, logDomain, logScale } from '../plots/scales.ts';
import { placeLabels } from '../plots/placeLabels.ts';
import type { Box, LabelRequest } from '../plots/placeLabels.ts';
import { publishedShapes } from './marks.ts';
import { OwnMarks } from './OwnMarks.tsx';
import type { OwnPoint, TrailPoint } from './points.ts';
import { nearestOf, usePointing } from './pointing.ts';
import { Tip } from './Tips.tsx';
import type { Hovered } from './Tips.tsx';
import { TrailMarks } from './TrailMarks.tsx';
import type { Trail } from './TrailMarks.tsx';
import classes from './ParetoPlot.module.css';

export interface ParetoPlotProps {
  own: OwnPoint[];
  published: PublishedPoint[];
  trail: Trail | null;
  selected: string | null;
  onSelect(run: string): void;
  /** Content placed beside the point of this run. */
  beside: { run: string; content: ReactNode } | null;
  svgRef: Ref<SVGSVGElement>;
  height: number;
}

const MARGIN = { top: 12, right: 116, bottom: 44, left: 56 };
/** The trail starts with an untrained network: points lower than this below all others are clipped. */
const TRAIL_DEPTH = 0.25;

function accuracyTicks(own: OwnPoint[], published: PublishedPoint[], trail: TrailPoint[]): number[] {
  const head = trail.at(-1);
  const firm = [...own, ...published, ...(head ? [head] : [])].map(({ accuracy }) => accuracy);
  if (firm.length === 0) return linearTicks(0, 100);
  const floor = Math.min(...firm) - TRAIL_DEPTH;
  const shown = [...firm, ...trail.map(({ accuracy }) => Math.max(accuracy, floor))].map((accuracy) => accuracy * 100);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const pad = Math.max(0.5, (high - low) * 0.05);
  return linearTicks(Math.max(0, low - pad), Math.min(100, high + pad), 6);
}

/** Up to this many own runs are labelled; of more, only those on the Pareto front. */
const MAX_LABELLED = 8;

export function ParetoPlot({ own, published, trail, selected, onSelect, beside, svgRef, height }: ParetoPlotProps) {
  const { ref, width: measured } = useElementSize();
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const container = useRef<HTMLDivElement>(null);
  const width = Math.max(280, measured);
  const narrow = width < 520;
  const right = narrow ? 16 : MARGIN.right;
  const trailPoints = useMemo(() => trail?.points ?? [], [trail]);

  const { x, y } = useMemo(() => {
    const drelus = [...own, ...published, ...trailPoints].map((point) => point.drelus);
    return {
      x: logScale(logDomain(drelus), [MARGIN.left, width - right], narrow ? 6 : 12),
      y: linearScale(accuracyTicks(own, published, trailPoints), [height - MARGIN.bottom, MARGIN.top]),
    };
  }, [own, published, trailPoints, width, height, right, narrow]);
  const at = ({ drelus, accuracy }: { drelus: number; accuracy: number }) => [x(drelus), y(accuracy * 100)] as const;

  const front = useMemo(() => frontOf(own), [own]);
  const byMethod = useMemo(() => groupByMethod(published), [published]);
  const shapes = useMemo(() => publishedShapes([...byMethod.keys()]), [byMethod]);

  const everything: Hovered[] = [
    ...own.map((point) => ({ kind: 'own' as const, point })),
    ...trailPoints.map((point) => ({ kind: 'trail' as const, point })),
    ...published.map((point) => ({ kind: 'published' as const, point })),
  ];
  usePointing(
    container,
    (px, py) => nearestOf(everything, px, py, at),
    (found) => setHovered(found),
  );
  const besidePoint = beside && own.find(({ run }) => run === beside.run);
  const named = own.length <= MAX_LABELLED ? own : front;
  const request = (key: string, text: string, point: { drelus: number; accuracy: number }): LabelRequest => {
    const [px, py] = at(point);
    return { key, text, x: px, y: py };
  };
  const area: Box = { x: MARGIN.left, y: 0, width: width - MARGIN.left, height: height - MARGIN.bottom };
  const boxOf = (point: { drelus: number; accuracy: number }, r: number): Box => ({
    x: at(point)[0] - r,
    y: at(point)[1] - r,
    width: 2 * r,
    height: 2 * r,
  });
  const marks = [...own.map((point) => boxOf(point, 7)), ...published.map((point) => boxOf(point, 3))];
  const head = trailPoints.at(-1);
  const labels = placeLabels(
    [
      ...(head && trail ? [{ ...request('trail', `${trail.name}, epoch ${head.epoch + 1}`, head), gap: 14 }] : []),
      ...named.map((point) => ({ ...request(`own ${point.run}`, point.name, point), gap: 14 })),
      ...(narrow ? [] : [...byMethod]).map(([method, points]) =>
        request(
          `published ${method}`,
          method,
          points.reduce((a, b) => (b.drelus > a.drelus ? b : a)),
        ),
      ),
    ],
    area,
    besidePoint ? [...marks, besideBox(at(besidePoint), width)] : marks,
  );
  const frame: PlotFrame = {
    left: MARGIN.left,
    right: width - right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };

  return (
    <div ref={container} className={classes.frame} style={{ height }}>
      <div ref={ref} style={{ width: '100%', height: '100%' }}>
        <svg
          ref={svgRef}
          width={width}
          height={height}
          role="group"
          aria-label={`DReLUs against accuracy: ${own.length} own and ${published.length} published results. The table lists all of them.`}
          style={{ display: 'block' }}
        >
          <clipPath id="pareto-area">
            <rect
              x={MARGIN.left}
              y={MARGIN.top - 8}
              width={width - right - MARGIN.left + 8}
              height={frame.bottom - MARGIN.top + 8}
            />
          </clipPath>
          <VerticalAxis scale={y} frame={frame} format={String} title="Accuracy (%)" />
          <HorizontalAxis scale={x} frame={frame} format={compact} title="DReLUs (logarithmic)" />

          <g aria-hidden>
            {[...byMethod].map(([method, points]) => (
              <g key={method} className={classes.published}>
                <polyline
                  points={points
                    .toSorted((a, b) => a.drelus - b.drelus)
                    .map((point) => at(point).join(','))
                    .join(' ')}
                />
                {points.map((point, i) => {
                  const [px, py] = at(point);
                  return (
                    <Mark key={i} shape={shapes.get(method)!} colour="var(--published)" x={px} y={py} r={3.4} hollow />
                  );
                })}
              </g>
            ))}
          </g>

          {front.length > 0 && (
            <path
              className={classes.front}
              d={front
                .map((point, i) => (i === 0 ? `M${at(point).join(',')}` : `H${at(point)[0]}V${at(point)[1]}`))
                .join('')
                .concat(`H${width - right}`)}
            />
          )}

          {trail && trailPoints.length > 0 && <TrailMarks trail={trail} at={at} />}

          <OwnMarks
            points={own}
            selected={selected}
            at={at}
            onSelect={onSelect}
            onPoint={(point) => setHovered(point && { kind: 'own', point })}
          />
          <g aria-hidden>
            {labels.map(({ key, text, x: px, y: py, anchor }) => (
              <text
                key={key}
                className={key.startsWith('published') ? classes.method : classes.name}
                x={px}
                y={py}
                dy="0.32em"
                textAnchor={anchor}
              >
                {text}
              </text>
            ))}
          </g>
        </svg>
      </div>
      {besidePoint && (
        <div
          className={classes.beside}
          style={{ left: besideBox(at(besidePoint), width).x, top: besideBox(at(besidePoint), width).y }}
        >
          {beside.content}
        </div>
      )}
      {hovered && <Tip hovered={hovered} place={at(hovered.point)} width={width} />}
    </div>
  );
}

/** The place of the content beside a point: above it, on the side that has room. */
const besideBox = ([px, py]: readonly [number, number], width: number): Box => ({
  x: px > width - 160 ? px - 134 : px + 12,
  y: Math.max(0, py - 34),
  width: 122,
  height: 22,
});

function groupByMethod(points: readonly PublishedPoint[]): Map<string, PublishedPoint[]> {
  const groups = new Map<string, PublishedPoint[]>();
  for (const point of points) groups.set(point.method, [...(groups.get(point.method) ?? []), point]);
  return groups;
}
