/** What the worker keeps, read into the stores: the device, the data sets, the runs and their histories. */
import { WorkerLostError } from '../worker/client.ts';
import type { DeviceInfo } from '../worker/protocol.ts';
import { HistoryKeeper } from './history.ts';
import { latest } from './latest.ts';
import { ask } from './link.ts';
import { messageOf, tellError } from './notify.ts';
import { useRuns } from './stores/runs.ts';
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
    // A worker that died is asked again once there is a fresh one.
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
  (runs) => useRuns.getState().setRuns(runs),
);

export async function refreshRuns(): Promise<void> {
  try {
    await readRuns();
    const { shown } = useRuns.getState();
    if (shown) void loadHistory(shown);
  } catch (error) {
    useRuns.getState().setRuns(useRuns.getState().runs ?? []);
    if (!(error instanceof WorkerLostError)) tellError('Runs could not be read', error);
  }
}

let soon: ReturnType<typeof setTimeout> | null = null;

/** However often the list changes (fast epochs), it is read about once a second. */
export function refreshRunsSoon(): void {
  soon ??= setTimeout(() => {
    soon = null;
    void refreshRuns();
  }, 1000);
}

/** Reads a run's history from storage, once; the run in hand already tells its own. */
export async function loadHistory(run: string): Promise<void> {
  if (useRuns.getState().histories[run] || useSession.getState().current?.id === run) return;
  try {
    histories.put(run, await ask({ type: 'runs:history', run }));
  } catch (error) {
    if (!(error instanceof WorkerLostError)) tellError('The history of this run could not be read', error);
  }
}

export function showRun(run: string): void {
  useRuns.getState().show(run);
  void loadHistory(run);
}
