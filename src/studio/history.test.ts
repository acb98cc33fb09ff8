/** Histories: events of a resumed run, throttled updates, several runs. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StepRecord } from '../training/events.ts';
import { FLUSH_INTERVAL, HistoryKeeper, record } from './history.ts';
import { emptyHistory } from './stores/runs.ts';
import type { RunHistory } from './stores/runs.ts';

const step = (n: number): StepRecord => ({
  step: n,
  phase: 'dense',
  epoch: 0,
  loss: n,
  crossEntropy: n,
  distillation: 0,
  penalty: 0,
  accuracy: 0,
  learningRate: 0.1,
  lambda: null,
  drelus: 1,
  imagesPerSecond: 1,
});

describe('record', () => {
  it('replaces the records after the checkpoint of a resumed run', () => {
    const history = emptyHistory();
    for (const n of [1, 2, 3, 4, 5]) record(history, { type: 'step', record: step(n) });
    record(history, { type: 'step', record: { ...step(3), loss: 30 } });
    expect(history.steps.map((s) => [s.step, s.loss])).toEqual([
      [1, 1],
      [2, 2],
      [3, 30],
    ]);
  });

  it('ignores events that are not part of a history', () => {
    const history = emptyHistory();
    expect(record(history, { type: 'memory', bytes: 1, limit: null })).toBe(false);
    expect(history).toEqual(emptyHistory());
  });
});

describe('HistoryKeeper', () => {
  afterEach(() => void vi.useRealTimers());

  it('passes on many events at intervals without losing any', () => {
    vi.useFakeTimers();
    const flushed = vi.fn<(run: string, history: RunHistory) => void>();
    const keeper = new HistoryKeeper(flushed);
    for (let n = 1; n <= 500; n++) keeper.add('a', { type: 'step', record: step(n) });
    expect(flushed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(FLUSH_INTERVAL);
    expect(flushed).toHaveBeenCalledTimes(1);
    expect(keeper.of('a').steps).toHaveLength(500);
    vi.advanceTimersByTime(10 * FLUSH_INTERVAL);
    expect(flushed).toHaveBeenCalledTimes(1);
  });

  it('keeps runs separate', () => {
    const keeper = new HistoryKeeper(() => {});
    keeper.add('a', { type: 'step', record: step(1) });
    keeper.add('b', { type: 'step', record: step(2) });
    keeper.flush();
    expect(keeper.of('a').steps.map((s) => s.step)).toEqual([1]);
    expect(keeper.of('b').steps.map((s) => s.step)).toEqual([2]);
  });
});
