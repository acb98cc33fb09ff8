/** Published methods as toggle buttons that show or hide them in the plot. */
import { Mark } from '../parts/MethodMark.tsx';
import { publishedShapes } from './marks.ts';
import classes from './ParetoPlot.module.css';

export interface PublishedLegendProps {
  methods: string[];
  hidden: ReadonlySet<string>;
  onChange(hidden: Set<string>): void;
}

export function PublishedLegend({ methods, hidden, onChange }: PublishedLegendProps) {
  const shapes = publishedShapes(methods.filter((method) => !hidden.has(method)));
  const toggle = (method: string) => {
    const next = new Set(hidden);
    if (!next.delete(method)) next.add(method);
    onChange(next);
  };
  return (
    <ul className={classes.legend} aria-label="Published methods shown">
      {methods.map((method) => (
        <li key={method}>
          <button type="button" aria-pressed={!hidden.has(method)} onClick={() => toggle(method)}>
            <svg width={12} height={12} viewBox="-7 -7 14 14" aria-hidden>
              <Mark shape={shapes.get(method) ?? 'circle'} colour="currentColor" r={4.2} hollow />
            </svg>
            {method}
          </button>
        </li>
      ))}
      {methods.length > 1 && (
        <li>
          <button type="button" onClick={() => onChange(hidden.size === methods.length ? new Set() : new Set(methods))}>
            {hidden.size === methods.length ? 'Show all' : 'Hide all'}
          </button>
        </li>
      )}
    </ul>
  );
}
