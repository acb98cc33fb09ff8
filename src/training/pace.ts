/**
 * How fast training goes and how long it will take: a moving median of the seconds a step took, which one slow checkpoint or a
 * sleeping laptop does not move. Nothing is promised before a few stretches have been measured.
 */

/** Stretches of steps that the median looks at. */
const WINDOW = 31;
/** Stretches that are not counted: pipelines warm up. */
const WARM_UP = 1;
/** Measured stretches before an estimate is given. */
const ENOUGH = 3;

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export class Pace {
  #perStep: number[] = [];
  #skip = WARM_UP;
  #last: number | null = null;

  /** Begins to measure now; what passed before (a pause, an evaluation) is not counted. */
  start(now: number): void {
    this.#last = now;
  }

  /** So many steps have been done since the last call. */
  stretch(now: number, steps: number): void {
    const last = this.#last;
    this.#last = now;
    if (last === null || steps === 0) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    this.#perStep.push((now - last) / 1000 / steps);
    if (this.#perStep.length > WINDOW) this.#perStep.shift();
  }

  /** Another phase: another batch, another teacher. */
  reset(): void {
    this.#perStep = [];
    this.#skip = WARM_UP;
    this.#last = null;
  }

  /** Median seconds a step; null during the warm-up. */
  get secondsPerStep(): number | null {
    return this.#perStep.length < ENOUGH ? null : median(this.#perStep);
  }
}
