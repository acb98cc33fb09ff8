/** The current run against a worker that answers, refuses or is lost on demand: the page always ends in a state that the user can leave. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkerLostError } from '../worker/client.ts';
import type { Request } from '../worker/protocol.ts';
import type { CurrentRun } from './stores/runs.ts';
import { presetOf } from '../domain/presets.ts';

/** Answers to requests by type; requests without one are answered as by a worker with empty storage. */
const answers = vi.hoisted(() => ({}) as Record<string, (request: unknown) => unknown>);
const notified = vi.hoisted(() => [] as string[]);

vi.mock('./link.ts', () => ({
  ask: (request: Request) => {
    const empty: Record<string, unknown> = {
      'runs:list': [],
      'data:list': [],
      'runs:history': { phases: [], steps: [], epochs: [], switches: [], warnings: [] },
    };
    return Promise.resolve().then(() => answers[request.type]?.(request) ?? empty[request.type] ?? null);
  },
}));
vi.mock('./wakeLock.ts', () => ({ keepAwake: () => {} }));
vi.mock('./notify.ts', () => ({
  messageOf: (error: unknown) => (error as Error).message,
  tellError: (title: string) => void notified.push(title),
  tellNote: (title: string) => void notified.push(title),
  offer: () => {},
  offerUndo: () => {},
}));

const { failForGood, pauseRun, receiveRun, startRun, stopRun, recoverFromLoss } = await import('./currentRun.ts');
const { useSession } = await import('./stores/session.ts');
const { NO_RESULTS, useRuns } = await import('./stores/runs.ts');

const running: CurrentRun = {
  id: 'r',
  name: 'Run',
  experiment: presetOf('snl-quick'),
  startedAt: '2026-01-01T00:00:00Z',
  status: 'running',
  phase: null,
  progress: null,
  compiling: null,
  memory: null,
  results: NO_RESULTS,
  error: null,
};
const current = () => useRuns.getState().current;
/** Waits until all settled promises have been handled. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(() => {
  for (const key of Object.keys(answers)) delete answers[key];
  notified.length = 0;
  useSession.setState({ busy: null, device: null, data: [] });
  useRuns.setState({ current: null, stored: null });
});

describe('starting', () => {
  it('makes the run the current one', async () => {
    answers['run:start'] = () => ({ run: 'new' });
    await startRun();
    expect(current()).toMatchObject({ id: 'new', status: 'preparing' });
    expect(useSession.getState().busy).toBeNull();
  });

  it('reports why it was refused, and can be retried', async () => {
    answers['run:start'] = () => {
      throw new Error('No.');
    };
    await startRun();
    expect(notified).toEqual(['The run could not be started']);
    expect(current()).toBeNull();
    expect(useSession.getState().busy).toBeNull();
  });

  it('sends no request where the experiment cannot be trained', async () => {
    const asked = vi.fn<() => void>();
    answers['run:start'] = asked;
    useSession.setState({
      device: {
        available: false,
        reason: 'No GPU.',
        vendor: '',
        architecture: '',
        description: '',
        software: false,
        features: [],
        limits: { maxBufferSize: 0, maxStorageBufferBindingSize: 0, maxComputeInvocationsPerWorkgroup: 0 },
      },
    });
    await startRun();
    expect(asked).not.toHaveBeenCalled();
    expect(notified).toEqual(['The experiment cannot be trained yet']);
  });
});

describe('pausing', () => {
  it('lasts until the run reports that it is paused', async () => {
    useRuns.setState({ current: running });
    await pauseRun();
    expect(useSession.getState().busy).toBe('pausing');
    receiveRun('r', { type: 'status', status: 'paused' });
    expect(useSession.getState().busy).toBeNull();
  });

  it('ends with a run that fails first', async () => {
    useRuns.setState({ current: running });
    await pauseRun();
    receiveRun('r', { type: 'failed', name: 'DivergedError', message: 'Too fast.' });
    expect(useSession.getState().busy).toBeNull();
    expect(current()).toMatchObject({ status: 'failed', error: { message: 'Too fast.' } });
  });

  it('is cancelled by stopping', async () => {
    useRuns.setState({ current: running });
    await pauseRun();
    await stopRun();
    expect(useSession.getState().busy).toBeNull();
  });
});

describe('a lost worker', () => {
  it('is followed by resuming the run', async () => {
    useRuns.setState({ current: running });
    answers['run:resume'] = () => ({ run: 'r' });
    recoverFromLoss('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'preparing' });
    expect(notified).toEqual(['The GPU was lost']);
  });

  it('fails the run where it cannot be resumed, and keeps it as the current one', async () => {
    useRuns.setState({ current: running });
    answers['run:resume'] = () => {
      throw new Error('The checkpoint cannot be read.');
    };
    recoverFromLoss('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'failed' });
    expect(current()?.error?.message).toMatch(/could not be resumed.*Runs tab/);
    expect(useSession.getState().busy).toBeNull();
  });

  it('resumes the run once more after a second loss', async () => {
    useRuns.setState({ current: running });
    let first: (error: Error) => void = () => {};
    answers['run:resume'] = () => new Promise((_, reject) => (first = reject));
    recoverFromLoss('Gone.');
    await settle();
    answers['run:resume'] = () => ({ run: 'r' });
    // In the order of the client: pending requests are rejected, then the listeners are called.
    first(new WorkerLostError('Gone.'));
    recoverFromLoss('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'preparing' });
    expect(useSession.getState().busy).toBeNull();
    expect(notified).not.toContain('The run could not be started');
  });

  it('fails the run after the third loss at the same step', async () => {
    useRuns.setState({ current: running });
    answers['run:resume'] = () => ({ run: 'r' });
    for (let i = 0; i < 3; i++) {
      recoverFromLoss('Gone.');
      await settle();
    }
    expect(current()).toMatchObject({ status: 'failed' });
    expect(current()?.error?.message).toMatch(/lost 3 times at the same step/);
  });

  it('that does not start again fails the run', () => {
    useRuns.setState({ current: running });
    failForGood('Gone.');
    expect(current()?.error?.message).toMatch(/reload the page/);
    expect(current()?.status).toBe('failed');
  });

  it('does not concern a run that has ended', async () => {
    useRuns.setState({ current: { ...running, status: 'done' } });
    recoverFromLoss('Gone.');
    await settle();
    failForGood('Gone.');
    expect(current()?.status).toBe('done');
    expect(notified).toEqual([]);
  });
});
