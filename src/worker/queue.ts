/**
 * A serial queue: one job at a time, in the order of asking, however the one before ended. A job still waiting can be cancelled;
 * a running one is told through its signal.
 */

/** The asker changed their mind. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(message = 'Cancelled.') {
    super(message);
  }
}

export type Job<T> = (signal: AbortSignal) => Promise<T> | T;

export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Jobs waiting or running. */
  get length(): number {
    return this.waiting;
  }

  /** Runs `job` when all earlier ones have ended. Aborting `signal` before that rejects without running it. */
  add<T>(job: Job<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
    this.waiting++;
    const result = this.tail.then(() => {
      if (signal.aborted) throw new CancelledError();
      return job(signal);
    });
    this.tail = result.then(
      () => void this.waiting--,
      () => void this.waiting--,
    );
    return result;
  }
}
