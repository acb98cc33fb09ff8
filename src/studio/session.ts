/**
 * What the page can do: every verb of the interface, told to the worker, with what comes back put into the stores. Components
 * call these functions and read the stores; nothing else talks to the worker.
 */
import { startWorker, WorkerLostError } from '../worker/client.ts';
import type { WorkerClient, WorkerEvent } from '../worker/client.ts';
import { countsOf } from '../domain/counting.ts';
import { exactly } from '../domain/describe.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { RunEvent } from '../training/events.ts';
import type { Answers, Request, RequestOf } from '../worker/protocol.ts';
import { HistoryKeeper } from './history.ts';
import { offer, tellError, tellNote } from './notify.ts';
import { rememberRate } from './readiness.ts';
import { useExperiment } from './stores/experiment.ts';
import { useRuns } from './stores/runs.ts';
import { isActive, useSession } from './stores/session.ts';
import { useView } from './stores/view.ts';
import { keepAwake } from './wakeLock.ts';

/** Lists that changed in any tab; told by the worker that changed them. */
export const CHANNEL = 'relu-studio';

let client: WorkerClient | null = null;
const histories = new HistoryKeeper((run, history) => useRuns.getState().setHistory(run, history));
const { patch, patchRun } = useSession.getState();
/** Steps at which the run in hand was lost, to notice one that dies again without having moved. */
let lostAt: number[] = [];
let learnedAt = 0;

/** Starts the worker and reads what there is. Called once by App. */
export function connect(): () => void {
  client = startWorker();
  const unlisten = client.listen({
    event: receive,
    lost: takeUpAgain,
    gone: (reason) => patch({ device: missing(reason) }),
  });
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'runs') refreshRunsSoon();
    if (data === 'data') void refreshData();
  };
  void readAll().then(offerToContinue);
  return () => {
    channel.close();
    unlisten();
    client?.close();
    client = null;
  };
}

/** Asks the worker; for panels of other rooms too. */
export function ask<T extends Request['type']>(request: RequestOf<T>, signal?: AbortSignal): Promise<Answers[T]> {
  if (!client) return Promise.reject(new WorkerLostError('The page is not connected to its worker yet.'));
  return client.ask<T>(request, signal);
}

/** Tells of progress of `gates:analyse`; returns the function that stops listening. */
export const onAnalysis = (listener: (done: number, total: number) => void): (() => void) =>
  client?.listen({ event: (event) => event.event === 'analysis' && listener(event.done, event.total) }) ?? (() => {});

const missing = (reason: string) => ({
  available: false,
  reason,
  vendor: '',
  architecture: '',
  description: '',
  software: false,
  features: [],
  limits: { maxBufferSize: 0, maxStorageBufferBindingSize: 0, maxComputeInvocationsPerWorkgroup: 0 },
});

async function readAll(): Promise<void> {
  await Promise.all([refreshDevice(), refreshData(), refreshRuns()]);
}

/** A run that was cut off by a reload or a crash is offered again, once. */
function offerToContinue(): void {
  const { device, current } = useSession.getState();
  const broken = useRuns.getState().runs?.find(({ status }) => status === 'interrupted');
  if (!broken || !device?.available || current) return;
  const where = broken.checkpointStep === null ? '' : ` at step ${exactly(broken.checkpointStep)}`;
  offer(`“${broken.name}” was interrupted${where}.`, 'Continue', () => void continueRun(broken.id));
}

export async function refreshDevice(): Promise<void> {
  try {
    patch({ device: await ask({ type: 'device' }) });
  } catch (error) {
    if (!(error instanceof WorkerLostError)) patch({ device: missing((error as Error).message) });
  }
}

export async function refreshData(): Promise<void> {
  try {
    patch({ data: await ask({ type: 'data:list' }) });
  } catch (error) {
    patch({ data: useSession.getState().data ?? [] });
    tellError('Data sets could not be read', error);
  }
}

export async function refreshRuns(): Promise<void> {
  try {
    useRuns.getState().setRuns(await ask({ type: 'runs:list' }));
    const { shown } = useRuns.getState();
    if (shown) void loadHistory(shown);
  } catch (error) {
    useRuns.getState().setRuns(useRuns.getState().runs ?? []);
    tellError('Runs could not be read', error);
  }
}

let soon: ReturnType<typeof setTimeout> | null = null;

/** However often the list changes (fast epochs), it is read about once a second. */
function refreshRunsSoon(): void {
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
    tellError('The history of this run could not be read', error);
  }
}

export function showRun(run: string): void {
  useRuns.getState().show(run);
  void loadHistory(run);
}

function receive(event: WorkerEvent): void {
  if (event.event === 'run') receiveRun(event.run, event.data);
  if (event.event === 'data') receiveData(event.data);
}

function receiveData(data: Extract<WorkerEvent, { event: 'data' }>['data']): void {
  const { files, reports } = useSession.getState();
  if ('report' in data)
    patch({
      files: files.filter(({ file }) => file !== data.report.file),
      reports: [...reports.filter(({ file }) => file !== data.report.file), data.report],
    });
  else
    patch({
      files: [...files.filter(({ file }) => file !== data.file), data].toSorted((a, b) => a.file.localeCompare(b.file)),
    });
}

function receiveRun(run: string, event: RunEvent): void {
  histories.add(run, event);
  if (useSession.getState().current?.id !== run) return;
  switch (event.type) {
    case 'status':
      patchRun({
        status: event.status,
        detail: event.detail,
        ...(event.status === 'running' ? { compiling: null } : {}),
      });
      break;
    case 'compiling':
      patchRun({ compiling: event });
      break;
    case 'plan':
      patchRun({ phases: event.phases });
      break;
    case 'phase':
      patchRun({ phase: event.phase, progress: null });
      break;
    case 'progress':
      patchRun({ progress: event });
      learnRate(event.imagesPerSecond);
      break;
    case 'epoch':
      if (event.record.validation) patchRun({ validation: event.record.validation.accuracy });
      break;
    case 'memory':
      patchRun({ memory: { bytes: event.bytes, limit: event.limit } });
      break;
    case 'warning':
      tellNote('Warning', event.message);
      break;
    case 'done':
      patchRun({ status: 'done', validation: event.result.validationAccuracy });
      over();
      break;
    case 'failed':
      patchRun({ status: 'failed', error: { name: event.name, message: event.message } });
      over();
      break;
    default:
  }
  if (event.type === 'status' && event.status === 'stopped') over();
}

/** Remembers what this device reaches, for the estimate beside the Train button. */
function learnRate(imagesPerSecond: number | null): void {
  const { device, current } = useSession.getState();
  if (!device || !current || imagesPerSecond === null || Date.now() - learnedAt < 10_000) return;
  learnedAt = Date.now();
  rememberRate(device, imagesPerSecond, current.macs);
}

/** The run in hand has ended, one way or another. */
function over(): void {
  histories.flush();
  lostAt = [];
  patch({ busy: null });
  keepAwake(false);
}

/** The worker died under us (its GPU was lost, or its script failed): everything is read afresh, and the run goes on. */
function takeUpAgain(reason: string): void {
  const { current } = useSession.getState();
  patch({ files: [], busy: null });
  void readAll();
  if (!isActive(current)) return;
  const step = useRuns.getState().histories[current.id]?.steps.at(-1)?.step ?? 0;
  lostAt.push(step);
  const stuck = lostAt.filter((at) => at === step).length;
  if (stuck > 2) {
    patchRun({
      status: 'failed',
      error: {
        name: 'GpuError',
        message: `${reason} It was lost ${stuck} times at the same step, so the run was stopped; it can be continued from the Runs tab.`,
      },
    });
    over();
    return;
  }
  tellNote('The GPU was lost', 'A fresh one was opened; the run goes on from its last checkpoint.');
  void continueRun(current.id);
}

/** Begins a run of the experiment on the page, and shows it. */
export async function startRun(from?: RequestOf<'run:start'>['from']): Promise<void> {
  const { experiment } = useExperiment.getState();
  await begin(experiment, () => ask({ type: 'run:start', experiment, from }));
}

/** Begins a run of another experiment than the one on the page, without changing the tab (queues). @returns null where it could not. */
export const startQueued = (experiment: Experiment): Promise<string | null> =>
  begin(experiment, () => ask({ type: 'run:start', experiment }), true);

/** Goes on with an interrupted, stopped or paused run from its checkpoint. */
export async function continueRun(run: string, quietly = false): Promise<void> {
  const summary = useRuns.getState().runs?.find(({ id }) => id === run);
  await loadHistory(run);
  const name = summary?.experiment ?? useExperiment.getState().experiment;
  await begin(name, () => ask({ type: 'run:resume', run }), quietly);
}

async function begin(
  experiment: Experiment,
  start: () => Promise<{ run: string }>,
  quietly = false,
): Promise<string | null> {
  if (useSession.getState().busy) return null;
  patch({ busy: 'starting' });
  try {
    keepAwake(true);
    const { run } = await start();
    patch({
      busy: null,
      current: {
        id: run,
        name: experiment.name,
        macs: countsOf(experiment.network).total.macs,
        status: 'preparing',
        phase: null,
        phases: [],
        progress: null,
        compiling: null,
        memory: null,
        validation: null,
        error: null,
      },
    });
    histories.of(run);
    useRuns.getState().show(run);
    if (!quietly) {
      useView.getState().setTab('live');
      useView.getState().setDrawer(false);
    }
    await refreshRuns();
    return run;
  } catch (error) {
    patch({ busy: null });
    keepAwake(false);
    tellError('The run could not be started', error);
    return null;
  }
}

const control = async (request: RequestOf<'run:pause' | 'run:step' | 'run:stop'>, title: string) => {
  try {
    await ask(request);
  } catch (error) {
    tellError(title, error);
  }
};

export const pauseRun = () => control({ type: 'run:pause' }, 'The run could not be paused');
export const stepRun = () => control({ type: 'run:step' }, 'The run could not be stepped');

export async function resumeRun(): Promise<void> {
  try {
    await ask({ type: 'run:resume' });
  } catch (error) {
    tellError('The run could not go on', error);
  }
}

export async function stopRun(): Promise<void> {
  patch({ busy: 'stopping' });
  await control({ type: 'run:stop' }, 'The run could not be stopped');
  patch({ busy: null });
}

/** What the space key and the big button do: start, pause or go on. */
export function toggleRun(): void {
  const { current, busy } = useSession.getState();
  if (busy) return;
  if (!isActive(current)) void startRun();
  else if (current.status === 'paused') void resumeRun();
  else void pauseRun();
}
