/** Pause, resume, single step and stop, as the loop sees them: it asks for permission before every step. */

/** Thrown through the loop once a stop has been carried out; not an error. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export class Control {
  #paused: boolean;
  #allowance = 0;
  #wake: (() => void) | null = null;
  readonly #abort = new AbortController();

  constructor(paused = false) {
    this.#paused = paused;
  }

  /** Aborted by a stop: evaluations end early. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopping(): boolean {
    return this.#abort.signal.aborted;
  }

  get paused(): boolean {
    return this.#paused;
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
    this.#allowance++;
    this.#wake?.();
  }

  stop(): void {
    this.#abort.abort(new Stopped('The run was stopped.'));
    this.#wake?.();
  }

  /**
   * Returns at once while running (or stopping, so that the stretch in hand is finished); else waits. `onPause` is called when
   * the waiting begins, `onResume` when it ends for good.
   */
  async permit(onPause: () => Promise<void>, onResume: () => void): Promise<void> {
    if (this.stopping || !this.#paused) return;
    if (this.#allowance === 0) {
      await onPause();
      while (this.#paused && this.#allowance === 0 && !this.stopping)
        await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    if (this.#allowance > 0) this.#allowance--;
    else onResume();
  }
}
