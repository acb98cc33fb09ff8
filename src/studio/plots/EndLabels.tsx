/** The name of each line beside its last point, moved apart where names would overlap. Drawn inside a chart. */
import { usePlotArea, useYAxisScale } from 'recharts';

export interface EndLabel {
  key: string;
  text: string;
  colour: string;
  /** Last value of the line. */
  value: number;
}

const HEIGHT = 14;

/** Moves labels apart to at least `HEIGHT`, keeping their order, inside [top, bottom]. */
export function spreadLabels(wanted: number[], top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  let floor = top;
  for (const i of order) {
    placed[i] = Math.max(placed[i], floor);
    floor = placed[i] + HEIGHT;
  }
  let ceiling = bottom;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i], ceiling);
    ceiling = placed[i] - HEIGHT;
  }
  return placed;
}

export function EndLabels({ labels }: { labels: EndLabel[] }) {
  const area = usePlotArea();
  const scale = useYAxisScale();
  if (!area || !scale) return null;
  const wanted = labels.map(({ value }) => scale(value) ?? area.y);
  const placed = spreadLabels(wanted, area.y + 4, area.y + area.height - 2);
  return (
    <g aria-hidden>
      {labels.map(({ key, text, colour }, i) => (
        <text key={key} x={area.x + area.width + 6} y={placed[i]} dy="0.32em" fontSize={12} style={{ fill: colour }}>
          {text}
        </text>
      ))}
    </g>
  );
}
