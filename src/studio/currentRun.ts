/**
 * The current run: starting, pausing, stepping, stopping and resuming it, also after the worker was lost; and its events, written
 * to the stores. One at a time, as in the worker.
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
import { isActive, NO_RESULTS, runOf, useRuns } from './stores/runs.ts';
import type { CurrentRun } from './stores/runs.ts';
import { useSession } from './stores/session.ts';
import { useView } from './stores/view.ts';
import { keepAwake } from './wakeLock.ts';

const { patch } = useSession.getState();
const { patchCurrent, setCurrent } = useRuns.getState();
const current = () => useRuns.getState().current;

/** How often a run is resumed at one step before it is stopped. */
const MAX_RESUMES = 2;
/** Milliseconds between two measurements of the training rate that are remembered. */
const RATE_INTERVAL = 10_000;

/** Steps at which the current run was lost: one that is lost again without progress is stopped. */
let lostAt: number[] = [];
let rateAt = 0;
/** Counts starts, so that a late answer to an earlier start does not change the state of a later one. */
let starts = 0;
let losses = 0;

// ------------------------------------------------------------------ events

export function receiveRun(run: string, event: RunEvent): void {
  histories.add(run, event);
  const now = current();
  if (now?.id !== run) return;
  switch (event.type) {
    case 'status':
      patchCurrent({
        status: event.status,
        detail: event.detail,
        ...(event.status === 'running' ? { compiling: null } : {}),
      });
      if (event.status === 'paused' && useSession.getState().busy === 'pausing') patch({ busy: null });
      if (event.status === 'stopped') afterEnd();
      break;
    case 'compiling':
      patchCurrent({ compiling: event });
      break;
    case 'phase':
      patchCurrent({ phase: event.phase, progress: null });
      break;
    case 'progress':
      patchCurrent({ progress: event });
      measureRate(now, event.imagesPerSecond);
      break;
    case 'epoch': {
      const { drelus, multiplications, validation, test } = event.record;
      const { results } = now;
      patchCurrent({
        results: {
          drelus,
          multiplications,
          validationAccuracy: validation?.accuracy ?? results.validationAccuracy,
          testAccuracy: test?.accuracy ?? results.testAccuracy,
        },
      });
      break;
    }
    case 'memory':
      patchCurrent({ memory: { bytes: event.bytes, limit: event.limit } });
      break;
    case 'warning':
      tellNote('Warning', event.message);
      break;
    case 'done': {
      const { drelus, multiplications, validationAccuracy, testAccuracy } = event.result;
      patchCurrent({ status: 'done', results: { drelus, multiplications, validationAccuracy, testAccuracy } });
      afterEnd();
      break;
    }
    case 'failed':
      fail(event);
      break;
    default:
  }
}

/** Remembers the training rate of this device, for the estimate beside the Train button. */
function measureRate({ experiment }: CurrentRun, imagesPerSecond: number | null): void {
  const { device } = useSession.getState();
  if (!device || imagesPerSecond === null || Date.now() - rateAt < RATE_INTERVAL) return;
  rateAt = Date.now();
  rememberRate(device, imagesPerSecond, countsOf(experiment.network).total.macs);
}

function fail({ name, message }: { name: string; message: string }): void {
  patchCurrent({ status: 'failed', error: { name, message } });
  afterEnd();
}

/** Runs once the current run is done, stopped or failed. */
function afterEnd(): void {
  histories.flush();
  lostAt = [];
  patch({ busy: null });
  keepAwake(false);
}

// ------------------------------------------------------------------ a lost worker

/** The worker ended (its GPU was lost, or its script failed): reads everything again and resumes the current run. */
export function recoverFromLoss(reason: string): void {
  const run = current();
  patch({ files: [], busy: null });
  void readAll();
  if (!isActive(run)) return;
  const step = useRuns.getState().histories[run.id]?.steps.at(-1)?.step ?? 0;
  lostAt.push(step);
  const times = lostAt.filter((at) => at === step).length;
  if (times > MAX_RESUMES) {
    fail({
      name: 'GpuError',
      message: `${reason} The GPU was lost ${times} times at the same step, so the run was stopped. It can be continued from the Runs tab.`,
    });
    return;
  }
  tellNote('The GPU was lost', `It was opened again, and the run continues from its last checkpoint. (${reason})`);
  const own = ++losses;
  void continueRun(run.id, true).then((resumed) => {
    // After a further loss, the recovery from that loss decides.
    if (resumed === null && own === losses && isActive(current()))
      fail({
        name: 'GpuError',
        message: `${reason} The run could not be resumed. Its last checkpoint is kept: continue it from the Runs tab.`,
      });
  });
}

/** No worker starts any more: the current run cannot continue in this page. */
export function failForGood(reason: string): void {
  if (isActive(current()))
    fail({
      name: 'WorkerLostError',
      message: `${reason} The training worker does not start any more: reload the page, then continue the run from its last checkpoint.`,
    });
}

// ------------------------------------------------------------------ commands

/** Starts a run of the experiment on the page and shows it; where it cannot be trained, says why. */
export async function startRun(from?: RequestOf<'run:start'>['from']): Promise<void> {
  const { experiment } = useExperiment.getState();
  const { problem } = readinessNow();
  if (problem) tellError('The experiment cannot be trained yet', problem);
  else await begin(experiment.name, experiment, () => ask({ type: 'run:start', experiment, from }));
}

/** Starts a run of another experiment than the one on the page, without changing the tab. @returns null where it could not. */
export const startQueued = (experiment: Experiment): Promise<string | null> =>
  begin(experiment.name, experiment, () => ask({ type: 'run:start', experiment }), true);

/** Resumes an interrupted, stopped or failed run from its checkpoint. @returns null where it could not. */
export async function continueRun(run: string, quietly = false): Promise<string | null> {
  const summary = runOf(useRuns.getState(), run);
  await loadHistory(run);
  const experiment = summary?.experiment ?? useExperiment.getState().experiment;
  return begin(summary?.name ?? experiment.name, experiment, () => ask({ type: 'run:resume', run }), quietly);
}

async function begin(
  name: string,
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
    patch({ busy: null });
    setCurrent({
      id: run,
      name,
      experiment,
      startedAt: new Date().toISOString(),
      status: 'preparing',
      phase: null,
      progress: null,
      compiling: null,
      memory: null,
      results: NO_RESULTS,
      error: null,
    });
    histories.of(run);
    useRuns.getState().view(run);
    if (!quietly) {
      useView.getState().setTab('live');
      useView.getState().setDrawer(false);
    }
    await refreshRuns();
    return run;
  } catch (error) {
    const active = isActive(current());
    if (own === starts) {
      patch({ busy: null });
      keepAwake(active);
    }
    // An active run whose worker was lost is resumed by recoverFromLoss.
    if (!(active && error instanceof WorkerLostError)) tellError('The run could not be started', error);
    return null;
  }
}

/** Sends a command; `busy` marks its button until the command has taken effect. */
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

/** The run pauses after its current step: an event reports it, and `busy` lasts until then. */
export const pauseRun = () => control({ type: 'run:pause' }, 'The run could not be paused', 'pausing');
export const stepRun = () => control({ type: 'run:step' }, 'The step could not be run', null);
export const resumeRun = () => control({ type: 'run:resume' }, 'The run could not be resumed', null);

export async function stopRun(): Promise<void> {
  await control({ type: 'run:stop' }, 'The run could not be stopped', 'stopping');
  if (useSession.getState().busy === 'stopping') patch({ busy: null });
}

/** The action of the Space key and of the main button: start, pause or resume. */
export function toggleRun(): void {
  const run = current();
  if (useSession.getState().busy) return;
  if (!isActive(run)) void startRun();
  else if (run.status === 'paused') void resumeRun();
  else void pauseRun();
}
