/** The user's runs in the Pareto plot: one tab stop, in the order of their DReLUs. */
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { OwnMarks } from './OwnMarks.tsx';
import type { OwnPoint } from './points.ts';

const point = (run: string, drelus: number): OwnPoint => ({
  run,
  name: run,
  method: 'snl',
  network: 'ResNet-18 m=8',
  dataset: 'synthetic',
  drelus,
  multiplications: drelus,
  accuracy: 0.5,
  split: 'test',
  seed: 1,
});
const points = [point('b', 200), point('c', 300), point('a', 100)];

/** Name and tabIndex of each button, in document order. */
function buttonsOf(selected: string | null): [name: string, tabIndex: string][] {
  const markup = renderToStaticMarkup(
    <svg>
      <OwnMarks points={points} selected={selected} at={() => [0, 0]} onSelect={() => {}} onPoint={() => {}} />
    </svg>,
  );
  return [...markup.matchAll(/role="button" tabindex="(-?\d)"[^>]*aria-label="(\w)/g)].map(([, tab, name]) => [
    name,
    tab,
  ]);
}

describe('own runs in the Pareto plot', () => {
  it('have one tab stop, the run with the fewest DReLUs', () => {
    expect(buttonsOf(null)).toEqual([
      ['a', '0'],
      ['b', '-1'],
      ['c', '-1'],
    ]);
  });

  it('have the viewed run as their tab stop', () => {
    expect(buttonsOf('c')).toEqual([
      ['a', '-1'],
      ['b', '-1'],
      ['c', '0'],
    ]);
    // A viewed run that is not in the plot leaves one tab stop too.
    expect(buttonsOf('elsewhere').filter(([, tabIndex]) => tabIndex === '0')).toHaveLength(1);
  });
});
