/** Sorting of the table of runs. */
import { describe, expect, it } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { sorted } from './sorting.ts';

const run = (name: string, testAccuracy: number | null): RunSummary => ({
  id: name,
  name,
  createdAt: '2026-01-01',
  finishedAt: null,
  status: 'done',
  experiment: presetOf('dense-quick'),
  drelus: 1,
  multiplications: 1,
  testAccuracy,
  validationAccuracy: null,
  seconds: 1,
  checkpointStep: null,
});

describe('sorted', () => {
  it('puts runs without a value last in both directions', () => {
    const runs = [run('a', null), run('b', 0.5), run('c', 0.7)];
    expect(sorted(runs, { by: 'testAccuracy', descending: true }).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(sorted(runs, { by: 'testAccuracy', descending: false }).map(({ name }) => name)).toEqual(['b', 'c', 'a']);
  });

  it('sorts numbers in names by value', () => {
    const runs = [run('SNL 10', 1), run('SNL 9', 1)];
    expect(sorted(runs, { by: 'name', descending: false }).map(({ name }) => name)).toEqual(['SNL 9', 'SNL 10']);
  });
});
