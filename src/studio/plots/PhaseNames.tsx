/**
 * Names of the phases above a plot, and of the transitions beside their lines; a name without room is shortened or left out. Drawn
 * inside a chart.
 */
import { usePlotArea, useXAxisScale } from 'recharts';
import type { Transition } from '../../worker/protocol.ts';
import type { Band } from './liveRows.ts';
import { placeLabels } from './placeLabels.ts';

/** Width of a character at 11 px, in pixels. */
const CHARACTER = 6.2;

/** The longest of the names, given longest first, that `width` pixels hold; null where none does. */
export const fitted = (names: readonly string[], width: number): string | null =>
  names.find((name) => name.length * CHARACTER <= width) ?? null;

/** Gap between the line of a transition and its name, in pixels. */
const GAP = 4;

export function PhaseNames({ bands, transitions }: { bands: readonly Band[]; transitions: readonly Transition[] }) {
  const area = usePlotArea();
  const scale = useXAxisScale();
  if (!area || !scale) return null;
  const at = (step: number) => Number(scale(step) ?? area.x);
  const names = placeLabels(
    transitions.map(({ step, what }) => ({ key: `${step}${what}`, text: what, x: at(step), y: area.y + 8, gap: GAP })),
    area,
  );
  return (
    <g aria-hidden fontSize={11}>
      {bands.map(({ id, title, short, from, to }) => {
        const text = fitted([title, short], at(to) - at(from) - 4);
        return (
          text && (
            <text key={id} x={at(from) + 2} y={area.y - 7} style={{ fill: 'var(--chart-ink)' }}>
              {text}
            </text>
          )
        );
      })}
      {names.map(({ key, text, x, y, anchor }) => (
        <text key={key} x={x} y={y} dy="0.32em" textAnchor={anchor} style={{ fill: 'var(--chart-ink)' }}>
          {text}
        </text>
      ))}
    </g>
  );
}
