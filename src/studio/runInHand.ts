/**
 * The run in hand: begun, paused, stepped, stopped, taken up again after a loss; and what it tells, put into the stores. One at a
 * time, as in the worker.
 */
import { WorkerLostError } from '../worker/client.ts';
import { countsOf } from '../domain/counting.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { RunEvent } from '../training/events.ts';
import type { RequestOf } from '../worker/protocol.ts';
import { ask } from './link.ts';
import { histories, loadHistory, readAll, refreshRuns } from './lists.ts';
import { tellError, tellNote } from './notify.ts';
import { readinessNow, rememberRate } from './readiness.ts';
import { useExperiment } from './stores/experiment.ts';
import { useRuns } from './stores/runs.ts';
import { isActive, useSession } from './stores/session.ts';
import { useView } from './stores/view.ts';
import { keepAwake } from './wakeLock.ts';

const { patch, patchRun } = useSession.getState();

/** How often a run is taken up at one step before it is given up. */
const TRIES = 2;
/** Milliseconds between two notes of what the device reaches. */
const LEARN_EVERY = 10_000;

/** Steps at which the run in hand was lost, to notice one that dies again without having moved. */
let lostAt: number[] = [];
let learnedAt = 0;
/** Counts starts: an answer that comes after another start has begun must not speak for it. */
let starts = 0;
let losses = 0;

// ------------------------------------------------------------------ what it tells

export function receiveRun(run: string, event: RunEvent): void {
  histories.add(run, event);
  if (useSession.getState().current?.id !== run) return;
  switch (event.type) {
    case 'status':
      patchRun({
        status: event.status,
        detail: event.detail,
        ...(event.status === 'running' ? { compiling: null } : {}),
      });
      if (event.status === 'paused' && useSession.getState().busy === 'pausing') patch({ busy: null });
      if (event.status === 'stopped') over();
      break;
    case 'compiling':
      patchRun({ compiling: event });
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
      fail(event);
      break;
    default:
  }
}

/** Remembers what this device reaches, for the estimate beside the Train button. */
function learnRate(imagesPerSecond: number | null): void {
  const { device, current } = useSession.getState();
  if (!device || !current || imagesPerSecond === null || Date.now() - learnedAt < LEARN_EVERY) return;
  learnedAt = Date.now();
  rememberRate(device, imagesPerSecond, current.macs);
}

function fail({ name, message }: { name: string; message: string }): void {
  patchRun({ status: 'failed', error: { name, message } });
  over();
}

/** The run in hand has ended, one way or another. */
function over(): void {
  histories.flush();
  lostAt = [];
  patch({ busy: null });
  keepAwake(false);
}

// ------------------------------------------------------------------ losses

/** The worker died under us (its GPU was lost, or its script failed): everything is read afresh, and the run goes on. */
export function takeUpAgain(reason: string): void {
  const { current } = useSession.getState();
  patch({ files: [], busy: null });
  void readAll();
  if (!isActive(current)) return;
  const step = useRuns.getState().histories[current.id]?.steps.at(-1)?.step ?? 0;
  lostAt.push(step);
  const times = lostAt.filter((at) => at === step).length;
  if (times > TRIES) {
    fail({
      name: 'GpuError',
      message: `${reason} It was lost ${times} times at the same step, so the run was stopped; it can be continued from the Runs tab.`,
    });
    return;
  }
  tellNote('The GPU was lost', `A fresh one was opened; the run goes on from its last checkpoint. (${reason})`);
  const own = ++losses;
  void continueRun(current.id, true).then((run) => {
    // Where another loss came in between, that one speaks.
    if (run === null && own === losses && isActive(useSession.getState().current))
      fail({
        name: 'GpuError',
        message: `${reason} The run could not be taken up again; what was trained is kept, and can be continued from the Runs tab.`,
      });
  });
}

/** No worker starts any more: the run in hand cannot go on in this page. */
export function giveUp(reason: string): void {
  if (isActive(useSession.getState().current))
    fail({
      name: 'WorkerLostError',
      message: `${reason} The training worker does not start any more: reload the page, then continue the run from its last checkpoint.`,
    });
}

// ------------------------------------------------------------------ verbs

/** Begins a run of the experiment on the page, and shows it; where it cannot be trained, says why. */
export async function startRun(from?: RequestOf<'run:start'>['from']): Promise<void> {
  const { experiment } = useExperiment.getState();
  const { problem } = readinessNow();
  if (problem) tellError('This cannot be trained yet', problem);
  else await begin(experiment, () => ask({ type: 'run:start', experiment, from }));
}

/** Begins a run of another experiment than the one on the page, without changing the tab (queues). @returns null where it could not. */
export const startQueued = (experiment: Experiment): Promise<string | null> =>
  begin(experiment, () => ask({ type: 'run:start', experiment }), true);

/** Goes on with an interrupted, stopped or paused run from its checkpoint. @returns null where it could not. */
export async function continueRun(run: string, quietly = false): Promise<string | null> {
  const summary = useRuns.getState().runs?.find(({ id }) => id === run);
  await loadHistory(run);
  const experiment = summary?.experiment ?? useExperiment.getState().experiment;
  return begin(experiment, () => ask({ type: 'run:resume', run }), quietly);
}

async function begin(
  experiment: Experiment,
  start: () => Promise<{ run: string }>,
  quietly = false,
): Promise<string | null> {
  if (useSession.getState().busy) return null;
  const own = ++starts;
  patch({ busy: 'starting' });
  keepAwake(true);
  try {
    const { run } = await start();
    patch({
      busy: null,
      current: {
        id: run,
        name: experiment.name,
        macs: countsOf(experiment.network).total.macs,
        status: 'preparing',
        phase: null,
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
    const active = isActive(useSession.getState().current);
    if (own === starts) {
      patch({ busy: null });
      keepAwake(active);
    }
    // A run in hand whose worker died is taken up again by itself.
    if (!(active && error instanceof WorkerLostError)) tellError('The run could not be started', error);
    return null;
  }
}

/** Asks for something that shows on its button until it is so. */
async function control(
  request: RequestOf<'run:pause' | 'run:stop' | 'run:step' | 'run:resume'>,
  title: string,
  busy: 'pausing' | 'stopping' | null,
): Promise<void> {
  if (busy) patch({ busy });
  try {
    await ask(request);
  } catch (error) {
    if (busy === 'pausing') patch({ busy: null });
    tellError(title, error);
  }
}

/** Paused only when the step in hand is done: the event says so, and `busy` lasts until then. */
export const pauseRun = () => control({ type: 'run:pause' }, 'The run could not be paused', 'pausing');
export const stepRun = () => control({ type: 'run:step' }, 'The run could not be stepped', null);
export const resumeRun = () => control({ type: 'run:resume' }, 'The run could not go on', null);

export async function stopRun(): Promise<void> {
  await control({ type: 'run:stop' }, 'The run could not be stopped', 'stopping');
  if (useSession.getState().busy === 'stopping') patch({ busy: null });
}

/** What the space key and the big button do: start, pause or go on. */
export function toggleRun(): void {
  const { current, busy } = useSession.getState();
  if (busy) return;
  if (!isActive(current)) void startRun();
  else if (current.status === 'paused') void resumeRun();
  else void pauseRun();
}
