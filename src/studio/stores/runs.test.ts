/** One list of runs from the stored list and the current run's events, and the runs that the page shows. */
import { beforeEach, describe, expect, it } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { comparedRunsOf, NO_RESULTS, runListOf, useRuns, viewedRunOf } from './runs.ts';
import type { CurrentRun } from './runs.ts';

const summary = (id: string, status: RunSummary['status'] = 'done'): RunSummary => ({
  id,
  name: id,
  createdAt: '2026-01-01T00:00:00Z',
  finishedAt: null,
  status,
  experiment: presetOf('snl-quick'),
  ...NO_RESULTS,
  seconds: 0,
  checkpointStep: null,
});
const run = (id: string, change: Partial<CurrentRun> = {}): CurrentRun => ({
  id,
  name: id,
  experiment: presetOf('snl-quick'),
  startedAt: '2026-01-02T00:00:00Z',
  status: 'running',
  phase: null,
  progress: null,
  compiling: null,
  memory: null,
  results: NO_RESULTS,
  error: null,
  ...change,
});
const { setStored, setCurrent, patchCurrent, view, toggleCompared } = useRuns.getState();
const list = () => runListOf(useRuns.getState());
const viewed = () => viewedRunOf(useRuns.getState())?.id;

beforeEach(() => useRuns.setState({ stored: null, current: null, comparedIds: [], viewedId: null }));

describe('the list of runs', () => {
  it('is null until the stored list was read', () => {
    setCurrent(run('a'));
    expect(list()).toBeNull();
  });

  it('contains a started run before the stored list does', () => {
    setStored([summary('old')]);
    setCurrent(run('new'));
    expect(list()?.map(({ id, status }) => [id, status])).toEqual([
      ['new', 'running'],
      ['old', 'done'],
    ]);
  });

  it('takes status and results of the current run from its events, not from the older stored list', () => {
    setStored([summary('a', 'running')]);
    setCurrent(run('a'));
    patchCurrent({ status: 'paused', results: { ...NO_RESULTS, drelus: 12, validationAccuracy: 0.5 } });
    expect(list()?.[0]).toMatchObject({ status: 'paused', drelus: 12, validationAccuracy: 0.5 });
    patchCurrent({ status: 'done' });
    expect(list()?.[0].status).toBe('done');
    // Once the stored list knows the end, it decides.
    setStored([{ ...summary('a'), drelus: 11 }]);
    expect(list()?.[0]).toMatchObject({ status: 'done', drelus: 11 });
  });

  it('keeps the stored name of the current run', () => {
    setStored([{ ...summary('a', 'running'), name: 'Renamed' }]);
    setCurrent(run('a'));
    expect(list()?.[0].name).toBe('Renamed');
  });

  it('shows a run as failed that failed in the page, although the storage calls it interrupted', () => {
    setStored([summary('a', 'interrupted')]);
    setCurrent(run('a', { status: 'failed' }));
    expect(list()?.[0].status).toBe('failed');
  });

  it('loses the current run once it has ended and was removed', () => {
    setCurrent(run('a', { status: 'done' }));
    setStored([]);
    expect(list()).toEqual([]);
  });

  it('stays the same array while only the progress changes', () => {
    setStored([summary('a', 'running')]);
    setCurrent(run('a'));
    const before = list();
    patchCurrent({ memory: { bytes: 1, limit: null }, status: 'evaluating' });
    expect(list()).toBe(before);
  });
});

describe('the viewed run', () => {
  it('is the newest unless another was chosen', () => {
    setStored([summary('new'), summary('old')]);
    expect(viewed()).toBe('new');
    view('old');
    expect(viewed()).toBe('old');
  });

  it('is a started run before the stored list contains it', () => {
    setStored([summary('old')]);
    setCurrent(run('started'));
    view('started');
    expect(viewed()).toBe('started');
  });

  it('is the newest again once the chosen one was removed', () => {
    setStored([summary('b'), summary('a')]);
    view('a');
    setStored([summary('b')]);
    expect(viewed()).toBe('b');
  });

  it('stays an unfinished run although others are finished', () => {
    setStored([summary('unfinished', 'stopped'), summary('finished')]);
    view('unfinished');
    expect(viewed()).toBe('unfinished');
  });
});

it('compares only runs that still exist', () => {
  setStored([summary('a'), summary('b')]);
  toggleCompared('a');
  toggleCompared('b');
  setStored([summary('b')]);
  expect(comparedRunsOf(useRuns.getState()).map(({ id }) => id)).toEqual(['b']);
});
