/**
 * Keeps the queue going: watches the run in hand and makes the queue's next move (queueMoves.ts). Started by the first component
 * that shows the queue; then lives as long as the page.
 */
import { offerUndo } from '../notify.ts';
import { continueRun, startQueued, stopRun } from '../runInHand.ts';
import { useQueue } from '../stores/queue.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { nextMove } from './queueMoves.ts';

let watching = false;
/** A start or resume has been asked for and not answered yet. */
let asking = false;

export function watchQueue(): void {
  if (watching) return;
  watching = true;
  useSession.subscribe((state, before) => {
    if (state.current !== before.current || state.busy !== before.busy) void move();
  });
  useRuns.subscribe((state, before) => {
    if (state.runs !== before.runs) void move();
  });
  useQueue.subscribe((state, before) => {
    if (state.going !== before.going) void move();
  });
  void move();
}

async function move(): Promise<void> {
  if (asking) return;
  const { entries, going, change, go } = useQueue.getState();
  const { current, busy } = useSession.getState();
  const next = nextMove(entries, { going, busy: busy !== null, current, runs: useRuns.getState().runs });
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
      // Could not be taken up: what was wrong has been told; no second try on its own.
      if (useSession.getState().current?.id !== next.run) go(false);
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

/** Replaces the queue and starts it. What was measured before can be had back. */
export function startQueue(experiments: readonly { stage: number; experiment: Experiment }[]): void {
  const { entries, put, go } = useQueue.getState();
  if (entries.some(({ state }) => state === 'done'))
    offerUndo('Measures anew; the runs measured before stay in the Runs tab.', () => {
      void stopQueue().then(() => put(entries));
    });
  put(experiments.map(({ stage, experiment }) => ({ stage, experiment, run: null, state: 'waiting', message: null })));
  go(true);
  watchQueue();
}

/** Takes the queue up again; entries that failed or were stopped are tried anew. */
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

/** Ends the run in hand if it is the queue's, and starts no other. */
export async function stopQueue(): Promise<void> {
  const { entries, go } = useQueue.getState();
  go(false);
  const { current } = useSession.getState();
  if (current && entries.some((entry) => entry.state === 'running' && entry.run === current.id)) await stopRun();
}
