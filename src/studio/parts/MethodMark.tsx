/**
 * Methods have one colour each (Okabe & Ito's palette, safe for colour-blind readers, adjusted to a contrast of 3:1) and a marker
 * shape of their own, so that they can be told apart in grey print too. Both come from the methods' descriptors. Published points
 * are hollow.
 */
import type { Experiment } from '../../domain/experiment.ts';
import type { MarkerShape } from '../../domain/methods/descriptor.ts';
import { descriptorOf, METHOD_ORDER, type MethodName } from '../../domain/methods/registry.ts';

export type MarkShape = MarkerShape;
export interface MethodStyle {
  title: string;
  colour: string;
  shape: MarkShape;
}

export type StyledMethod = MethodName | 'dense' | 'mixed';

/** Colours of methods as CSS variables of one colour scheme: `--method-snl` and so on. */
export const methodColours = (scheme: 'light' | 'dark'): Record<string, string> =>
  Object.fromEntries(METHOD_ORDER.map((name) => [`--method-${name}`, descriptorOf(name).colour[scheme]]));

const styleOf = (name: MethodName): MethodStyle => {
  const { title, marker } = descriptorOf(name);
  return { title, colour: `var(--method-${name})`, shape: marker };
};

export const METHOD_STYLES = {
  dense: { title: 'Dense', colour: 'var(--method-dense)', shape: 'plus' },
  ...Object.fromEntries(METHOD_ORDER.map((name) => [name, styleOf(name)])),
  mixed: { title: 'Several methods', colour: 'var(--method-mixed)', shape: 'star' },
} as Record<StyledMethod, MethodStyle>;

/** How the method or methods of an experiment are drawn. */
export function styledMethodOf(experiment: Pick<Experiment, 'methods'>): StyledMethod {
  if (experiment.methods.length === 0) return 'dense';
  return experiment.methods.length === 1 ? experiment.methods[0].name : 'mixed';
}

const star = (r: number) =>
  Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 ? r * 0.45 : r;
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    return `${i ? 'L' : 'M'}${(radius * Math.cos(angle)).toFixed(2)},${(radius * Math.sin(angle)).toFixed(2)}`;
  }).join('') + 'Z';

/** SVG path of a marker of radius `r` about the origin; all shapes look equally large. */
export function markPath(shape: MarkShape, r: number): string {
  switch (shape) {
    case 'circle':
      return `M${-r},0a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0`;
    case 'square': {
      const a = r * 0.88;
      return `M${-a},${-a}H${a}V${a}H${-a}Z`;
    }
    case 'diamond': {
      const a = r * 1.25;
      return `M0,${-a}L${a},0L0,${a}L${-a},0Z`;
    }
    case 'triangle':
      return `M0,${-r * 1.2}L${r * 1.1},${r * 0.85}H${-r * 1.1}Z`;
    case 'triangle-down':
      return `M0,${r * 1.2}L${r * 1.1},${-r * 0.85}H${-r * 1.1}Z`;
    case 'star':
      return star(r * 1.35);
    case 'cross': {
      const a = r * 0.85;
      return `M${-a},${-a}L${a},${a}M${-a},${a}L${a},${-a}`;
    }
    case 'plus':
      return `M${-r},0H${r}M0,${-r}V${r}`;
  }
}

/** Shapes made of strokes cannot be filled. */
export const isOpenShape = (shape: MarkShape): boolean => shape === 'cross' || shape === 'plus';

/** One marker at (x, y) inside an SVG. */
export function Mark({
  shape,
  colour,
  x = 0,
  y = 0,
  r = 5,
  hollow = false,
}: {
  shape: MarkShape;
  colour: string;
  x?: number;
  y?: number;
  r?: number;
  hollow?: boolean;
}) {
  const open = isOpenShape(shape);
  return (
    <path
      d={markPath(shape, r)}
      transform={`translate(${x},${y})`}
      fill={hollow || open ? 'none' : colour}
      stroke={colour}
      strokeWidth={open ? 2 : 1.5}
    />
  );
}

/** A marker on its own, for legends and tables. */
export function MethodMark({ method, hollow, size = 12 }: { method: StyledMethod; hollow?: boolean; size?: number }) {
  const { shape, colour, title } = METHOD_STYLES[method];
  return (
    <svg
      width={size}
      height={size}
      viewBox="-7 -7 14 14"
      role="img"
      aria-label={title}
      style={{ flex: 'none', verticalAlign: '-1px' }}
    >
      <Mark shape={shape} colour={colour} r={4.6} hollow={hollow} />
    </svg>
  );
}
