/** Reads what the worker stores into the page's stores: the device, the data sets, the runs and their histories. */
import { WorkerLostError } from '../worker/client.ts';
import type { DeviceInfo } from '../worker/protocol.ts';
import { HistoryKeeper } from './history.ts';
import { latest } from './latest.ts';
import { ask } from './link.ts';
import { messageOf, tellError } from './notify.ts';
import { useRuns, viewedRunOf } from './stores/runs.ts';
import { useSession } from './stores/session.ts';

const { patch } = useSession.getState();

export const histories = new HistoryKeeper((run, history) => useRuns.getState().setHistory(run, history));

export const noDevice = (reason: string): DeviceInfo => ({
  available: false,
  reason,
  vendor: '',
  architecture: '',
  description: '',
  software: false,
  features: [],
  limits: { maxBufferSize: 0, maxStorageBufferBindingSize: 0, maxComputeInvocationsPerWorkgroup: 0 },
});

export async function readAll(): Promise<void> {
  await Promise.all([refreshDevice(), refreshData(), refreshRuns()]);
}

async function refreshDevice(): Promise<void> {
  try {
    patch({ device: await ask({ type: 'device' }) });
  } catch (error) {
    // After a lost worker, everything is read again from the new one.
    if (!(error instanceof WorkerLostError)) patch({ device: noDevice(messageOf(error)) });
  }
}

const readData = latest(
  () => ask({ type: 'data:list' }),
  (data) => patch({ data }),
);

export async function refreshData(): Promise<void> {
  try {
    await readData();
  } catch (error) {
    patch({ data: useSession.getState().data ?? [] });
    if (!(error instanceof WorkerLostError)) tellError('Data sets could not be read', error);
  }
}

const readRuns = latest(
  () => ask({ type: 'runs:list' }),
  (runs) => useRuns.getState().setStored(runs),
);

export async function refreshRuns(): Promise<void> {
  try {
    await readRuns();
    const viewed = viewedRunOf(useRuns.getState());
    if (viewed) void loadHistory(viewed.id);
  } catch (error) {
    useRuns.getState().setStored(useRuns.getState().stored ?? []);
    if (!(error instanceof WorkerLostError)) tellError('Runs could not be read', error);
  }
}

let refreshTimer: ReturnType<typeof setTimeout> | null = null;

/** Reads the list of runs again, at most once a second however often it changes. */
export function refreshRunsSoon(): void {
  refreshTimer ??= setTimeout(() => {
    refreshTimer = null;
    void refreshRuns();
  }, 1000);
}

/** Reads a run's history from storage, once; the current run's history comes from its events. */
export async function loadHistory(run: string): Promise<void> {
  if (useRuns.getState().histories[run] || useRuns.getState().current?.id === run) return;
  try {
    histories.put(run, await ask({ type: 'runs:history', run }));
  } catch (error) {
    if (!(error instanceof WorkerLostError)) tellError('The history of this run could not be read', error);
  }
}

/** Shows a run in the tabs. */
export function viewRun(run: string): void {
  useRuns.getState().view(run);
  void loadHistory(run);
}
