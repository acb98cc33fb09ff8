/**
 * Speed of training: the moving median of the seconds per step, which one slow checkpoint or a sleeping laptop does not move.
 * There is no value before a few stretches of steps have been measured.
 */

/** Stretches that the median is taken over. */
const WINDOW = 31;
/** First stretches of a phase that are not counted: pipelines warm up. */
const WARM_UP = 1;
/** Fewest measured stretches that give a value. */
const LEAST_STRETCHES = 3;

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export class Pace {
  #perStep: number[] = [];
  #skip = WARM_UP;

  /** Adds a stretch of steps that took so many seconds. */
  add(seconds: number, steps: number): void {
    if (steps === 0) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    this.#perStep.push(seconds / steps);
    if (this.#perStep.length > WINDOW) this.#perStep.shift();
  }

  /** Forgets everything: another phase has another batch size and teacher. */
  reset(): void {
    this.#perStep = [];
    this.#skip = WARM_UP;
  }

  /** Median seconds per step; null during the warm-up. */
  get secondsPerStep(): number | null {
    return this.#perStep.length < LEAST_STRETCHES ? null : median(this.#perStep);
  }
}
