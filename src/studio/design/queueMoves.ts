/**
 * What the queue does next, as a function of what there is: the entry that is running is followed to its end, then the first that
 * waits is started, unless something else is being trained. A run that fails or is stopped halts the queue: the next would most
 * likely meet the same.
 */
import type { RunStatus } from '../../training/events.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import type { QueueEntry } from '../stores/queue.ts';

export type QueueMove =
  | { kind: 'wait' }
  | { kind: 'start'; entry: QueueEntry }
  | { kind: 'resume'; entry: QueueEntry; run: string }
  | { kind: 'end'; entry: QueueEntry; state: 'done' | 'failed' | 'stopped'; message: string | null }
  /** Its run is gone from the library: it waits again. */
  | { kind: 'again'; entry: QueueEntry }
  /** Nothing is left to start. */
  | { kind: 'finish' };

export interface Surroundings {
  going: boolean;
  /** The worker is being asked to start or stop something. */
  busy: boolean;
  /** The run in hand, ended or not. */
  current: { id: string; status: RunStatus; error: { message: string } | null } | null;
  /** null: not read yet. */
  runs: Pick<RunSummary, 'id' | 'status'>[] | null;
}

const OVER: readonly RunStatus[] = ['done', 'stopped', 'failed'];
const WAIT: QueueMove = { kind: 'wait' };

export function nextMove(entries: readonly QueueEntry[], { going, busy, current, runs }: Surroundings): QueueMove {
  const inHand = current !== null && !OVER.includes(current.status);
  const running = entries.find((entry) => entry.state === 'running');
  if (running) {
    if (current && current.id === running.run) {
      if (inHand) return WAIT;
      const state = current.status as 'done' | 'failed' | 'stopped';
      return { kind: 'end', entry: running, state, message: current.error?.message ?? null };
    }
    // Not the run in hand: after a reload the library says what became of it.
    if (runs === null || busy) return WAIT;
    const summary = runs.find((run) => run.id === running.run);
    if (!summary) return { kind: 'again', entry: running };
    if (summary.status === 'done' || summary.status === 'failed' || summary.status === 'stopped')
      return { kind: 'end', entry: running, state: summary.status, message: null };
    return going && !inHand ? { kind: 'resume', entry: running, run: summary.id } : WAIT;
  }
  if (!going) return WAIT;
  const next = entries.find((entry) => entry.state === 'waiting');
  if (!next) return { kind: 'finish' };
  return busy || inHand ? WAIT : { kind: 'start', entry: next };
}
