import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Request } from '../worker/protocol.ts';

/** Requests that wait to be answered, with what gives them up. */
const asked = vi.hoisted(
  () => [] as { request: unknown; signal: AbortSignal; answer(value: unknown): void; refuse(error: Error): void }[],
);
vi.mock('./link.ts', () => ({
  ask: (request: Request, signal: AbortSignal) =>
    new Promise((answer, refuse) => {
      asked.push({ request, signal, answer, refuse });
      signal.addEventListener('abort', () => refuse(new Error('Cancelled.')));
    }),
}));

const { cancelJob, doJob, heardOfJob, useJob } = await import('./gpuJobs.ts');

beforeEach(() => {
  asked.length = 0;
  useJob.setState({ job: null });
});

const evaluation = { type: 'masks:evaluate', run: 'a', part: 'test' } as const;

describe('a job on the GPU', () => {
  it('is known while it lasts, with how far it is, and answers', async () => {
    const done = doJob(evaluation);
    expect(useJob.getState().job).toEqual({ type: 'masks:evaluate', run: 'a', done: 0, total: 0 });
    heardOfJob({ event: 'job', type: 'masks:evaluate', run: 'a', done: 100, total: 500 });
    expect(useJob.getState().job).toMatchObject({ done: 100, total: 500 });
    asked[0].answer({ accuracy: 0.5, loss: 1, images: 500 });
    await expect(done).resolves.toEqual({ accuracy: 0.5, loss: 1, images: 500 });
    expect(useJob.getState().job).toBeNull();
  });

  it('does not take another job’s progress for its own', () => {
    void doJob(evaluation);
    heardOfJob({ event: 'job', type: 'masks:evaluate', run: 'b', done: 1, total: 2 });
    heardOfJob({ event: 'job', type: 'gates:analyse', run: 'a', done: 1, total: 2 });
    expect(useJob.getState().job).toMatchObject({ done: 0, total: 0 });
  });

  it('is alone: a second is not begun', async () => {
    void doJob(evaluation);
    await expect(doJob({ ...evaluation, run: 'b' })).resolves.toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('comes to nothing when cancelled, and makes way', async () => {
    const done = doJob(evaluation);
    cancelJob();
    expect(asked[0].signal.aborted).toBe(true);
    await expect(done).resolves.toBeNull();
    expect(useJob.getState().job).toBeNull();
  });

  it('passes on what went wrong, and makes way', async () => {
    const done = doJob(evaluation);
    asked[0].refuse(new Error('The data set has no test images.'));
    await expect(done).rejects.toThrow('The data set has no test images.');
    expect(useJob.getState().job).toBeNull();
  });
});
