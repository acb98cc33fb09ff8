/** Jobs on the GPU: progress, exclusion, cancellation and errors, against a worker that answers on demand. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Request } from '../worker/protocol.ts';

/** Requests that are not answered yet, with the signal that cancels them. */
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

const { cancelJob, runJob, receiveJobProgress, useJob } = await import('./gpuJobs.ts');

beforeEach(() => {
  asked.length = 0;
  useJob.setState({ job: null });
});

const evaluation = { type: 'masks:evaluate', run: 'a', part: 'test' } as const;

describe('a job on the GPU', () => {
  it('is stored with its progress while it runs, and returns the answer', async () => {
    const done = runJob(evaluation);
    expect(useJob.getState().job).toEqual({ type: 'masks:evaluate', run: 'a', done: 0, total: 0 });
    receiveJobProgress({ event: 'job', type: 'masks:evaluate', run: 'a', done: 100, total: 500 });
    expect(useJob.getState().job).toMatchObject({ done: 100, total: 500 });
    asked[0].answer({ accuracy: 0.5, loss: 1, images: 500 });
    await expect(done).resolves.toEqual({ accuracy: 0.5, loss: 1, images: 500 });
    expect(useJob.getState().job).toBeNull();
  });

  it('ignores the progress of other jobs', () => {
    void runJob(evaluation);
    receiveJobProgress({ event: 'job', type: 'masks:evaluate', run: 'b', done: 1, total: 2 });
    receiveJobProgress({ event: 'job', type: 'gates:analyse', run: 'a', done: 1, total: 2 });
    expect(useJob.getState().job).toMatchObject({ done: 0, total: 0 });
  });

  it('excludes a second job', async () => {
    void runJob(evaluation);
    await expect(runJob({ ...evaluation, run: 'b' })).resolves.toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('returns null when cancelled, and frees the GPU', async () => {
    const done = runJob(evaluation);
    cancelJob();
    expect(asked[0].signal.aborted).toBe(true);
    await expect(done).resolves.toBeNull();
    expect(useJob.getState().job).toBeNull();
  });

  it('rejects with the error of the worker, and frees the GPU', async () => {
    const done = runJob(evaluation);
    asked[0].refuse(new Error('The data set has no test images.'));
    await expect(done).rejects.toThrow('The data set has no test images.');
    expect(useJob.getState().job).toBeNull();
  });
});
