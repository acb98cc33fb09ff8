/**
 * The next move of the queue, as a pure function: an entry that is running is followed until its run has ended, then the first
 * waiting entry is started, unless another run is active. A failed or stopped run halts the queue, since the next run would most
 * likely fail for the same reason.
 */
import type { RunSummary } from '../../worker/protocol.ts';
import type { QueueEntry } from '../stores/queue.ts';

export type QueueMove =
  | { kind: 'wait' }
  | { kind: 'start'; entry: QueueEntry }
  | { kind: 'resume'; entry: QueueEntry; run: string }
  | { kind: 'end'; entry: QueueEntry; state: 'done' | 'failed' | 'stopped'; message: string | null }
  /** Its run was removed from the library: the entry waits again. */
  | { kind: 'again'; entry: QueueEntry }
  /** No entry is left to start. */
  | { kind: 'finish' };

export interface QueueContext {
  /** The queue starts its next entry as soon as possible. */
  going: boolean;
  /** A request to start or stop a run is not answered yet. */
  busy: boolean;
  /** This page is training a run, or has paused one. */
  training: boolean;
  /** Every run as of now; null: not read yet. */
  runs: Pick<RunSummary, 'id' | 'status'>[] | null;
  /** The error of the current run, if it failed. */
  failure: { run: string; message: string } | null;
}

const WAIT: QueueMove = { kind: 'wait' };

function follow(entry: QueueEntry, { going, busy, training, runs, failure }: QueueContext): QueueMove {
  if (runs === null || busy) return WAIT;
  const run = runs.find(({ id }) => id === entry.run);
  if (!run) return { kind: 'again', entry };
  switch (run.status) {
    case 'running':
    case 'paused':
      return WAIT;
    case 'interrupted':
      return going && !training ? { kind: 'resume', entry, run: run.id } : WAIT;
    default:
      return { kind: 'end', entry, state: run.status, message: failure?.run === run.id ? failure.message : null };
  }
}

export function nextMove(entries: readonly QueueEntry[], context: QueueContext): QueueMove {
  const running = entries.find((entry) => entry.state === 'running');
  if (running) return follow(running, context);
  if (!context.going) return WAIT;
  const next = entries.find((entry) => entry.state === 'waiting');
  if (!next) return { kind: 'finish' };
  return context.busy || context.training ? WAIT : { kind: 'start', entry: next };
}
