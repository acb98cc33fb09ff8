/** The running run on its way: an entry an epoch, and a head that pulses when one is added. */
import { Mark, METHOD_STYLES } from '../parts/MethodMark.tsx';
import type { StyledMethod } from '../parts/MethodMark.tsx';
import type { TrailPoint } from './points.ts';

export interface Trail {
  name: string;
  method: StyledMethod;
  points: TrailPoint[];
}

export function TrailMarks({ trail, at }: { trail: Trail; at: (point: TrailPoint) => readonly [number, number] }) {
  const { colour, shape } = METHOD_STYLES[trail.method];
  const points = trail.points.map(at);
  const [hx, hy] = points[points.length - 1];
  return (
    <g clipPath="url(#pareto-area)" className="pareto-trail" style={{ color: colour }}>
      <polyline points={points.map((place) => place.join(',')).join(' ')} />
      {points.slice(0, -1).map(([px, py], i) => (
        <circle key={i} cx={px} cy={py} r={2} />
      ))}
      {/* A new key an epoch starts the pulse once. */}
      <circle key={points.length} cx={hx} cy={hy} r={6} className="pareto-pulse" data-screen-only />
      <Mark shape={shape} colour={colour} x={hx} y={hy} r={6} />
    </g>
  );
}
