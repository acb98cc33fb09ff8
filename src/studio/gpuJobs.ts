/** Jobs on the GPU besides training: started, followed, cancelled. One at a time, as in the worker, and none while a run is active. */
import { create } from 'zustand';
import type { Answers, GpuJob, RequestOf } from '../worker/protocol.ts';
import type { WorkerEvent } from '../worker/client.ts';
import { ask } from './link.ts';
import { useIsTraining } from './stores/runs.ts';
import { useSession } from './stores/session.ts';

export interface Job {
  type: GpuJob;
  run: string;
  /** Images done and in all; `total` is 0 while the network is being opened. */
  done: number;
  total: number;
}

export const useJob = create<{ job: Job | null }>(() => ({ job: null }));

let controller: AbortController | null = null;

export const cancelJob = (): void => controller?.abort();

export function receiveJobProgress({ type, run, done, total }: Extract<WorkerEvent, { event: 'job' }>): void {
  const { job } = useJob.getState();
  if (job?.type === type && job.run === run) useJob.setState({ job: { ...job, done, total } });
}

/** Runs a job. @returns null where another job is running, or where it was cancelled. @throws the job's error. */
export async function runJob<T extends GpuJob>(request: RequestOf<T>): Promise<Answers[T] | null> {
  if (useJob.getState().job) return null;
  const own = new AbortController();
  controller = own;
  const { type, run } = request as RequestOf<GpuJob>;
  useJob.setState({ job: { type, run, done: 0, total: 0 } });
  try {
    return await ask<T>(request, own.signal);
  } catch (error) {
    if (own.signal.aborted) return null;
    throw error;
  } finally {
    controller = null;
    useJob.setState({ job: null });
  }
}

/** Why no job can be started on the GPU now, in a few words; null where one can. */
export function useGpuObstacle(): string | null {
  const device = useSession((s) => s.device);
  const training = useIsTraining();
  const job = useJob((s) => s.job);
  if (!device) return 'Looking for a GPU';
  if (!device.available) return 'Needs a GPU';
  if (training) return 'Unavailable while a run is training';
  return job ? `Unavailable during the ${job.type === 'masks:evaluate' ? 'evaluation' : 'analysis'}` : null;
}
