/**
 * Collects the events of runs and passes their histories to the stores a few times a second, however fast the events come: between
 * two flushes the main thread only appends to arrays.
 */
import type { RunEvent } from '../training/events.ts';
import type { RunHistory } from '../worker/protocol.ts';
import { emptyHistory } from './stores/runs.ts';

/** Milliseconds between two updates of the page. */
export const FLUSH_INTERVAL = 250;

/** Adds an event to a history, in place. @returns false where the event is not part of histories */
export function record(history: RunHistory, event: RunEvent): boolean {
  switch (event.type) {
    case 'plan':
      history.phases = event.phases;
      return true;
    case 'step':
      // A resumed run repeats the steps after its checkpoint: the newer record replaces the older.
      while (history.steps.length > 0 && history.steps[history.steps.length - 1].step >= event.record.step)
        history.steps.pop();
      history.steps.push(event.record);
      return true;
    case 'epoch':
      while (history.epochs.length > 0 && history.epochs[history.epochs.length - 1].step >= event.record.step)
        history.epochs.pop();
      history.epochs.push(event.record);
      return true;
    case 'switch': {
      const { type: _, ...switched } = event;
      history.switches = [
        ...history.switches.filter((known) => known.step !== switched.step || known.what !== switched.what),
        switched,
      ];
      return true;
    }
    case 'warning':
      history.warnings.push(event.message);
      return true;
    default:
      return false;
  }
}

/** Collects histories and calls `flush` with those that changed, at most every FLUSH_INTERVAL milliseconds. */
export class HistoryKeeper {
  private readonly histories = new Map<string, RunHistory>();
  private readonly changed = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly flushed: (run: string, history: RunHistory) => void) {}

  of(run: string): RunHistory {
    let history = this.histories.get(run);
    if (!history) this.histories.set(run, (history = emptyHistory()));
    return history;
  }

  put(run: string, history: RunHistory): void {
    this.histories.set(run, history);
    this.flushed(run, history);
  }

  add(run: string, event: RunEvent): void {
    if (!record(this.of(run), event)) return;
    this.changed.add(run);
    this.timer ??= setTimeout(() => this.flush(), FLUSH_INTERVAL);
  }

  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const run of this.changed) this.flushed(run, this.of(run));
    this.changed.clear();
  }
}
