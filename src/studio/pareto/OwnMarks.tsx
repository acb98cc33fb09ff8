/** The user's own runs in the Pareto plot: one tab stop, from which the arrow keys go from few DReLUs to many. */
import { compact, percent } from '../../domain/describe.ts';
import { Mark, METHOD_STYLES } from '../parts/MethodMark.tsx';
import { PlotButton } from '../plots/PlotButton.tsx';
import type { OwnPoint } from './points.ts';
import classes from './ParetoPlot.module.css';

export interface OwnMarksProps {
  points: readonly OwnPoint[];
  /** The viewed run; null: none of these. */
  selected: string | null;
  at(point: OwnPoint): readonly [number, number];
  onSelect(run: string): void;
  /** The focus or the pointer is on this point; null: on none. */
  onPoint(point: OwnPoint | null): void;
}

const labelOf = (point: OwnPoint) =>
  `${point.name}, ${METHOD_STYLES[point.method].title}: ${compact(point.drelus)} DReLUs, ${percent(point.accuracy)} ${point.split} accuracy`;

export function OwnMarks({ points, selected, at, onSelect, onPoint }: OwnMarksProps) {
  const ordered = points.toSorted((a, b) => a.drelus - b.drelus || a.accuracy - b.accuracy);
  const tabStop = ordered.some(({ run }) => run === selected) ? selected : ordered.at(0)?.run;
  return (
    <g data-roving>
      {ordered.map((point) => {
        const [x, y] = at(point);
        const { shape, colour } = METHOD_STYLES[point.method];
        return (
          <PlotButton
            key={point.run}
            label={labelOf(point)}
            pressed={point.run === selected}
            tabStop={point.run === tabStop}
            className={classes.own}
            onChoose={() => onSelect(point.run)}
            onPoint={(here) => onPoint(here ? point : null)}
          >
            <circle cx={x} cy={y} r={13} fill="transparent" data-screen-only />
            {point.run === selected && <circle cx={x} cy={y} r={10} className={classes.ring} />}
            <Mark shape={shape} colour={colour} x={x} y={y} r={6} />
          </PlotButton>
        );
      })}
    </g>
  );
}
