/**
 * Runs the queue: follows the runs and makes the queue's next move (queueMoves.ts). Started by the first component that shows the
 * queue; from then on active as long as the page is open.
 */
import { offerUndo } from '../notify.ts';
import { continueRun, startQueued, stopRun } from '../currentRun.ts';
import { useQueue } from '../stores/queue.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { isActive, runListOf, useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { nextMove } from './queueMoves.ts';

let watching = false;
/** A request to start or resume a run is not answered yet. */
let asking = false;

export function watchQueue(): void {
  if (watching) return;
  watching = true;
  useSession.subscribe((state, before) => {
    if (state.busy !== before.busy) void move();
  });
  let runs = runListOf(useRuns.getState());
  useRuns.subscribe((state) => {
    const now = runListOf(state);
    if (now === runs) return;
    runs = now;
    void move();
  });
  useQueue.subscribe((state, before) => {
    if (state.going !== before.going) void move();
  });
  void move();
}

async function move(): Promise<void> {
  if (asking) return;
  const { entries, going, change, go } = useQueue.getState();
  const state = useRuns.getState();
  const { current } = state;
  const next = nextMove(entries, {
    going,
    busy: useSession.getState().busy !== null,
    training: isActive(current),
    runs: runListOf(state),
    failure: current?.error ? { run: current.id, message: current.error.message } : null,
  });
  switch (next.kind) {
    case 'wait':
      return;
    case 'finish':
      go(false);
      return;
    case 'again':
      change(next.entry.stage, { state: 'waiting', run: null });
      break;
    case 'end':
      change(next.entry.stage, { state: next.state, message: next.message });
      if (next.state !== 'done') go(false);
      break;
    case 'start':
      await begin(next.entry);
      break;
    case 'resume':
      await ask(() => continueRun(next.run, true));
      // It could not be resumed, and a notification has said why: the queue does not try again by itself.
      if (useRuns.getState().current?.id !== next.run) go(false);
      break;
  }
  void move();
}

async function ask<T>(request: () => Promise<T>): Promise<T> {
  asking = true;
  try {
    return await request();
  } finally {
    asking = false;
  }
}

async function begin(entry: QueueEntry): Promise<void> {
  const run = await ask(() => startQueued(entry.experiment));
  const { change, go } = useQueue.getState();
  if (run === null) go(false);
  else change(entry.stage, { state: 'running', run, message: null });
}

/** Replaces the queue and starts it; an Undo restores the earlier measurements. */
export function startQueue(experiments: readonly { stage: number; experiment: Experiment }[]): void {
  const { entries, put, go } = useQueue.getState();
  if (entries.some(({ state }) => state === 'done'))
    offerUndo('Measuring again. The earlier runs stay in the Runs tab.', () => {
      void stopQueue().then(() => put(entries));
    });
  put(experiments.map(({ stage, experiment }) => ({ stage, experiment, run: null, state: 'waiting', message: null })));
  go(true);
  watchQueue();
}

/** Continues the queue; entries that failed or were stopped are run again. */
export function continueQueue(): void {
  const { entries, put, go } = useQueue.getState();
  put(
    entries.map((entry) =>
      entry.state === 'failed' || entry.state === 'stopped'
        ? { ...entry, state: 'waiting', run: null, message: null }
        : entry,
    ),
  );
  go(true);
  watchQueue();
}

/** Stops the current run if it belongs to the queue, and starts no other. */
export async function stopQueue(): Promise<void> {
  const { entries, go } = useQueue.getState();
  go(false);
  const { current } = useRuns.getState();
  if (current && entries.some((entry) => entry.state === 'running' && entry.run === current.id)) await stopRun();
}
