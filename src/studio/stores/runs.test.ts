import { beforeEach, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../worker/protocol.ts';
import { useRuns } from './runs.ts';

const run = (id: string) => ({ id }) as RunSummary;
const { setRuns, show, toggle } = useRuns.getState();
const shown = () => useRuns.getState().shown;

beforeEach(() => useRuns.setState({ runs: null, selected: [], shown: null }));

describe('the run shown', () => {
  it('is the newest to begin with', () => {
    setRuns([run('new'), run('old')]);
    expect(shown()).toBe('new');
  });

  it('stays a run that has just begun, though the list does not have it yet', () => {
    setRuns([run('old')]);
    show('begun');
    setRuns([run('old')]);
    expect(shown()).toBe('begun');
    setRuns([run('begun'), run('old')]);
    expect(shown()).toBe('begun');
  });

  it('gives way to the newest when it is removed', () => {
    setRuns([run('b'), run('a')]);
    show('a');
    setRuns([run('b')]);
    expect(shown()).toBe('b');
  });
});

it('compares only runs that are still there', () => {
  setRuns([run('a'), run('b')]);
  toggle('a');
  toggle('b');
  setRuns([run('b')]);
  expect(useRuns.getState().selected).toEqual(['b']);
});
