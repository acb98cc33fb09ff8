/** Pause, resume, single step and stop requests. The training loop asks before every step. */

/** Unwinds the training loop once a stop request has been carried out. It is not a failure. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

interface WaitListener {
  /** The wait begins; awaited before it does. */
  onPause(): Promise<void>;
  /** The wait is over. @param resumed false where only a single step was requested */
  onWake(resumed: boolean): void;
}

export class Control {
  #paused: boolean;
  /** Single steps requested and not yet taken. */
  #singleSteps = 0;
  #wake: (() => void) | null = null;
  readonly #abort = new AbortController();

  constructor(paused = false) {
    this.#paused = paused;
  }

  /** Aborted by a stop request, so that an evaluation ends early. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopping(): boolean {
    return this.#abort.signal.aborted;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  /** One more step, then paused again. */
  step(): void {
    this.#paused = true;
    this.#singleSteps++;
    this.#wake?.();
  }

  stop(): void {
    this.#abort.abort(new RunStopped('The run was stopped.'));
    this.#wake?.();
  }

  /** @throws RunStopped where a stop was requested. Only for places that the last checkpoint leads back to. */
  throwIfStopping(): void {
    if (this.stopping) throw new RunStopped('The run was stopped.');
  }

  /**
   * Waits while paused and no single step is requested. Returns at once while a stop is requested: the current stretch of steps
   * is completed before the run ends.
   */
  async waitWhilePaused({ onPause, onWake }: WaitListener): Promise<void> {
    if (this.stopping || !this.#paused) return;
    if (this.#singleSteps === 0) {
      await onPause();
      while (this.#paused && this.#singleSteps === 0 && !this.stopping)
        await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    const single = this.#singleSteps > 0;
    if (single) this.#singleSteps--;
    onWake(!single);
  }
}
