/** The run in hand against a worker that answers, refuses and dies as told: whatever happens, the page ends in a state it can leave. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkerLostError } from '../worker/client.ts';
import type { Request } from '../worker/protocol.ts';
import type { CurrentRun } from './stores/session.ts';

/** What the worker makes of each request; anything else is answered with what empty storage gives. */
const answers = vi.hoisted(() => ({}) as Record<string, (request: unknown) => unknown>);
const told = vi.hoisted(() => [] as string[]);

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
  tellError: (title: string) => void told.push(title),
  tellNote: (title: string) => void told.push(title),
  offer: () => {},
  offerUndo: () => {},
}));

const { giveUp, pauseRun, receiveRun, startRun, stopRun, takeUpAgain } = await import('./runInHand.ts');
const { useSession } = await import('./stores/session.ts');

const running: CurrentRun = {
  id: 'r',
  name: 'Run',
  macs: 1,
  status: 'running',
  phase: null,
  progress: null,
  compiling: null,
  memory: null,
  validation: null,
  error: null,
};
const current = () => useSession.getState().current;
/** Lets every promise that can settle do so. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(() => {
  for (const key of Object.keys(answers)) delete answers[key];
  told.length = 0;
  useSession.setState({ current: null, busy: null, device: null, data: [] });
});

describe('starting', () => {
  it('puts the run in hand', async () => {
    answers['run:start'] = () => ({ run: 'new' });
    await startRun();
    expect(current()).toMatchObject({ id: 'new', status: 'preparing' });
    expect(useSession.getState().busy).toBeNull();
  });

  it('says why it was refused, and can be tried again', async () => {
    answers['run:start'] = () => {
      throw new Error('No.');
    };
    await startRun();
    expect(told).toEqual(['The run could not be started']);
    expect(useSession.getState()).toMatchObject({ current: null, busy: null });
  });

  it('asks nothing of the worker where the experiment cannot be trained', async () => {
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
    expect(told).toEqual(['This cannot be trained yet']);
  });
});

describe('pausing', () => {
  it('lasts until the run says that it is paused', async () => {
    useSession.setState({ current: running });
    await pauseRun();
    expect(useSession.getState().busy).toBe('pausing');
    receiveRun('r', { type: 'status', status: 'paused' });
    expect(useSession.getState().busy).toBeNull();
  });

  it('does not outlast a run that ends before', async () => {
    useSession.setState({ current: running });
    await pauseRun();
    receiveRun('r', { type: 'failed', name: 'DivergedError', message: 'Too fast.' });
    expect(useSession.getState().busy).toBeNull();
    expect(current()).toMatchObject({ status: 'failed', error: { message: 'Too fast.' } });
  });

  it('can be given up by stopping', async () => {
    useSession.setState({ current: running });
    await pauseRun();
    await stopRun();
    expect(useSession.getState().busy).toBeNull();
  });
});

describe('a lost worker', () => {
  it('is followed by the run being taken up in place', async () => {
    useSession.setState({ current: running });
    answers['run:resume'] = () => ({ run: 'r' });
    takeUpAgain('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'preparing' });
    expect(told).toEqual(['The GPU was lost']);
  });

  it('fails the run where it cannot be taken up, and keeps it', async () => {
    useSession.setState({ current: running });
    answers['run:resume'] = () => {
      throw new Error('The checkpoint cannot be read.');
    };
    takeUpAgain('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'failed' });
    expect(current()?.error?.message).toMatch(/could not be taken up again.*Runs tab/);
    expect(useSession.getState().busy).toBeNull();
  });

  it('lost again while being taken up, is taken up once more', async () => {
    useSession.setState({ current: running });
    let first: (error: Error) => void = () => {};
    answers['run:resume'] = () => new Promise((_, reject) => (first = reject));
    takeUpAgain('Gone.');
    await settle();
    answers['run:resume'] = () => ({ run: 'r' });
    // As the client does it: what waits is refused, then whoever listens is told.
    first(new WorkerLostError('Gone.'));
    takeUpAgain('Gone.');
    await settle();
    expect(current()).toMatchObject({ id: 'r', status: 'preparing' });
    expect(useSession.getState().busy).toBeNull();
    expect(told).not.toContain('The run could not be started');
  });

  it('lost a third time at the same step, ends with the reason', async () => {
    useSession.setState({ current: running });
    answers['run:resume'] = () => ({ run: 'r' });
    for (let i = 0; i < 3; i++) {
      takeUpAgain('Gone.');
      await settle();
    }
    expect(current()).toMatchObject({ status: 'failed' });
    expect(current()?.error?.message).toMatch(/lost 3 times at the same step/);
  });

  it('that never comes back leaves a run that has failed, not one that trains for ever', () => {
    useSession.setState({ current: running });
    giveUp('Gone.');
    expect(current()?.error?.message).toMatch(/reload the page/);
    expect(current()?.status).toBe('failed');
  });

  it('concerns no run that has ended', async () => {
    useSession.setState({ current: { ...running, status: 'done' } });
    takeUpAgain('Gone.');
    await settle();
    giveUp('Gone.');
    expect(current()?.status).toBe('done');
    expect(told).toEqual([]);
  });
});
