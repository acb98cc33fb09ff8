/** The trail of the current run: one point per epoch, the last of which pulses when it is added. */
import { Mark, METHOD_STYLES } from '../parts/MethodMark.tsx';
import type { StyledMethod } from '../parts/MethodMark.tsx';
import type { TrailPoint } from './points.ts';
import classes from './ParetoPlot.module.css';

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
    <g clipPath="url(#pareto-area)" className={classes.trail} style={{ color: colour }}>
      <polyline points={points.map((place) => place.join(',')).join(' ')} />
      {points.slice(0, -1).map(([px, py], i) => (
        <circle key={i} cx={px} cy={py} r={2} />
      ))}
      {/* The key changes with each epoch, which restarts the animation. */}
      <circle key={points.length} cx={hx} cy={hy} r={6} className={classes.pulse} data-screen-only />
      <Mark shape={shape} colour={colour} x={hx} y={hy} r={6} />
    </g>
  );
}
