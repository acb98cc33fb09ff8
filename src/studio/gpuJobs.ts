/**
 * Work for the GPU besides training: asked for, watched, cancelled. One at a time, as in the worker, and none while a run is in
 * hand.
 */
import { create } from 'zustand';
import type { Answers, GpuJob, RequestOf } from '../worker/protocol.ts';
import type { WorkerEvent } from '../worker/client.ts';
import { ask } from './link.ts';
import { isActive, useSession } from './stores/session.ts';

export interface Job {
  type: GpuJob;
  run: string;
  /** Images; `total` 0 while the network is being opened. */
  done: number;
  total: number;
}

export const useJob = create<{ job: Job | null }>(() => ({ job: null }));

let stop: AbortController | null = null;

export const cancelJob = (): void => stop?.abort();

export function heardOfJob({ type, run, done, total }: Extract<WorkerEvent, { event: 'job' }>): void {
  const { job } = useJob.getState();
  if (job?.type === type && job.run === run) useJob.setState({ job: { ...job, done, total } });
}

/** @returns null where another job is under way, or where it was cancelled. @throws what went wrong otherwise. */
export async function doJob<T extends GpuJob>(request: RequestOf<T>): Promise<Answers[T] | null> {
  if (useJob.getState().job) return null;
  const own = new AbortController();
  stop = own;
  const { type, run } = request as RequestOf<GpuJob>;
  useJob.setState({ job: { type, run, done: 0, total: 0 } });
  try {
    return await ask<T>(request, own.signal);
  } catch (error) {
    if (own.signal.aborted) return null;
    throw error;
  } finally {
    stop = null;
    useJob.setState({ job: null });
  }
}

/** Why the GPU cannot be asked for anything now, in a few words; null where it can. */
export function useGpuObstacle(): string | null {
  const device = useSession((s) => s.device);
  const training = useSession((s) => isActive(s.current));
  const job = useJob((s) => s.job);
  if (!device) return 'Looking for a GPU';
  if (!device.available) return 'Needs a GPU';
  if (training) return 'Waits until the run in hand is over';
  return job ? `Waits until the ${job.type === 'masks:evaluate' ? 'evaluation' : 'analysis'} is over` : null;
}
