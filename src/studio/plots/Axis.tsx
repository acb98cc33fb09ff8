/** Axes of the plots drawn as SVG: grid lines, tick labels and a title; and names below the categories of a bar or box plot. */
import type { Scale } from './scales.ts';
import classes from './Axis.module.css';

/** The edges of the plot area, in pixels of the SVG. */
export interface PlotFrame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface AxisProps {
  scale: Scale;
  frame: PlotFrame;
  format(value: number): string;
  title?: string;
}

/** Horizontal grid lines with values to their left; the title runs upwards along the left edge. */
export function VerticalAxis({ scale, frame, format, title }: AxisProps) {
  return (
    <g className={classes.axis}>
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(0,${scale(tick)})`}>
          <line x1={frame.left} x2={frame.right} />
          <text x={frame.left - 8} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {title && (
        <text
          className={classes.title}
          transform={`translate(13,${(frame.top + frame.bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {title}
        </text>
      )}
    </g>
  );
}

const AxisTitle = ({ frame, children }: { frame: PlotFrame; children: string }) => (
  <text className={classes.title} x={(frame.left + frame.right) / 2} y={frame.bottom + 36} textAnchor="middle">
    {children}
  </text>
);

/** Vertical grid lines with values below them. */
export function HorizontalAxis({ scale, frame, format, title }: AxisProps) {
  return (
    <g className={classes.axis}>
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale(tick)},0)`}>
          <line y1={frame.top} y2={frame.bottom} />
          <text y={frame.bottom + 16} textAnchor="middle">
            {format(tick)}
          </text>
        </g>
      ))}
      {title && <AxisTitle frame={frame}>{title}</AxisTitle>}
    </g>
  );
}

/** Width that a category's name needs, in pixels. */
const NAME_WIDTH = 34;

/** Names below equally wide categories; of names that would overlap, every second, third, … is shown. */
export function CategoryAxis({
  names,
  frame,
  title,
}: {
  /** Names by key, from left to right. */
  names: readonly (readonly [key: string, name: string])[];
  frame: PlotFrame;
  title?: string;
}) {
  const step = (frame.right - frame.left) / Math.max(1, names.length);
  const every = Math.max(1, Math.ceil(NAME_WIDTH / step));
  return (
    <g className={classes.axis} aria-hidden>
      {names.map(
        ([key, name], i) =>
          i % every === 0 && (
            <text key={key} x={frame.left + (i + 0.5) * step} y={frame.bottom + 17} textAnchor="middle">
              {name}
            </text>
          ),
      )}
      {title && <AxisTitle frame={frame}>{title}</AxisTitle>}
    </g>
  );
}
