/** Names of phases and switches above a plot; what does not fit its band is cut short or left out. Drawn inside a chart. */
import { usePlotArea, useXAxisScale } from 'recharts';
import type { SwitchRecord } from '../../worker/protocol.ts';
import type { Band } from './liveRows.ts';

/** Width of a letter at 11 px, pixels. */
const LETTER = 6.2;

/** Cuts a name to `width` pixels; null where not even four letters fit. */
export function fitted(name: string, width: number): string | null {
  const letters = Math.floor(width / LETTER);
  if (name.length <= letters) return name;
  return letters < 5 ? null : `${name.slice(0, letters - 1).trimEnd()}…`;
}

export function PhaseNames({ bands, switches }: { bands: Band[]; switches: SwitchRecord[] }) {
  const area = usePlotArea();
  const scale = useXAxisScale();
  if (!area || !scale) return null;
  const at = (step: number) => Number(scale(step) ?? area.x);
  return (
    <g aria-hidden fontSize={11}>
      {bands.map(({ id, title, from, to }) => {
        const text = fitted(title, at(to) - at(from) - 6);
        return (
          text && (
            <text key={id} x={at(from) + 2} y={area.y - 7} style={{ fill: 'var(--chart-ink)' }}>
              {text}
            </text>
          )
        );
      })}
      {switches.map(({ step, what }) => {
        const x = at(step);
        const left = x - area.x > area.width / 2;
        return (
          <text
            key={`${step}${what}`}
            x={left ? x - 4 : x + 4}
            y={area.y + 12}
            textAnchor={left ? 'end' : 'start'}
            style={{ fill: 'var(--chart-ink)' }}
          >
            {what}
          </text>
        );
      })}
    </g>
  );
}
