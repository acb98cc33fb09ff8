/** Measures time that leaves pauses out. */
export class Stopwatch {
  #milliseconds: number;
  #since: number | null;

  /** Runs from now on. @param seconds already measured before */
  constructor(
    private readonly now: () => number,
    seconds = 0,
  ) {
    this.#milliseconds = 1000 * seconds;
    this.#since = now();
  }

  pause(): void {
    this.#milliseconds = 1000 * this.seconds;
    this.#since = null;
  }

  resume(): void {
    this.#since ??= this.now();
  }

  get seconds(): number {
    return (this.#milliseconds + (this.#since === null ? 0 : this.now() - this.#since)) / 1000;
  }
}
