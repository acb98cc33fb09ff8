/** A serial queue: one job at a time, in order, whether or not the one before failed. Waiting jobs can be cancelled; a running job gets the signal. */

/** The request was cancelled. */
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

  /** Number of waiting and running jobs. */
  get length(): number {
    return this.waiting;
  }

  /** Runs `job` when all earlier ones have ended. If `signal` is aborted before, the job is rejected without running. */
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
