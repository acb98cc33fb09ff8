/**
 * From the engine's sums to what readers of the run see: a step record and progress, a few times a second.
 *
 * The recorder only reports. Which steps a record covers depends on timing; nothing that it measures enters the run's results.
 */
import type { StepMetrics } from '../engine/api.ts';
import type { PhaseInfo, RunEvent, StepRecord } from './events.ts';
import type { PlannedPhase } from './methods/rule.ts';
import { Pace } from './pace.ts';
import {
  plannedStepsLeft,
  stepsToTarget,
  timeLeft,
  withReading,
  type CountAfter,
  type PhaseWork,
} from './remaining.ts';
import { addMetrics, NO_SUMS, type Sums } from './sums.ts';

/** Least time between two step records, milliseconds. */
const RECORD_INTERVAL_MS = 250;

/** Some consecutive steps of an epoch: their sums, and where the run stood after the last of them. */
export interface Stretch {
  metrics: StepMetrics;
  /** When the sums were read, milliseconds. */
  at: number;
  phase: number;
  step: number;
  epoch: number;
  stepInEpoch: number;
  learningRate: number;
  lambda: number | null;
  drelus: number;
  /** DReLUs at which the phase ends; null where it takes all its epochs. */
  target: number | null;
}

/** A record for the run's history and the progress that goes with it. */
export interface StepReport {
  record: StepRecord;
  progress: Extract<RunEvent, { type: 'progress' }>;
}

export class Recorder {
  readonly #work: PhaseWork[];
  readonly #pace = new Pace();
  /** Since the last record. */
  #sums: Sums = NO_SUMS;
  #seconds = 0;
  #lastRecord = -Infinity;
  /** Since the last stretch. */
  #stretchSeconds = 0;
  /** When time was last counted; null while it is not. */
  #countedTo: number | null = null;
  #trend: CountAfter[] = [];

  constructor(
    plan: readonly PlannedPhase[],
    private readonly infos: readonly PhaseInfo[],
  ) {
    this.#work = plan.map(({ phase, rule }, i) => ({
      epochs: phase.epochs,
      batch: phase.batch,
      stepsPerEpoch: infos[i].stepsPerEpoch,
      openEnded: rule.endsAt !== undefined,
    }));
  }

  /** Another phase begins. */
  beginPhase(): void {
    this.#pace.reset();
    this.#trend = [];
    this.#sums = NO_SUMS;
    this.#seconds = 0;
    this.#stretchSeconds = 0;
    this.#countedTo = null;
  }

  /** Time counts as training from `now` on: after a pause, a checkpoint or an evaluation. */
  start(now: number): void {
    this.#countedTo = now;
  }

  /** Time counts as training up to `now`, and then not until the next `start`. */
  pause(now: number): void {
    this.#countTime(now);
    this.#countedTo = null;
  }

  /** Adds a stretch. @param last the epoch's last stretch, which always gives a report @returns null between reports */
  add(stretch: Stretch, last: boolean): StepReport | null {
    const { metrics, at, step, drelus } = stretch;
    this.#sums = addMetrics(this.#sums, metrics);
    this.#countTime(at);
    this.#pace.add(this.#stretchSeconds, metrics.steps);
    this.#stretchSeconds = 0;
    this.#trend = withReading(this.#trend, { step, drelus });
    if (this.#sums.steps === 0 || (!last && at - this.#lastRecord < RECORD_INTERVAL_MS)) return null;
    const report = this.#report(stretch, this.#sums, this.#seconds);
    this.#lastRecord = at;
    this.#sums = NO_SUMS;
    this.#seconds = 0;
    return report;
  }

  /** A report with the steps since the last stretch, without adding them: they come again with their stretch. */
  preview(stretch: Stretch): StepReport | null {
    const sums = addMetrics(this.#sums, stretch.metrics);
    const seconds = this.#seconds + (this.#countedTo === null ? 0 : (stretch.at - this.#countedTo) / 1000);
    return sums.steps > 0 ? this.#report(stretch, sums, seconds) : null;
  }

  #countTime(now: number): void {
    if (this.#countedTo === null) return;
    const seconds = Math.max(0, now - this.#countedTo) / 1000;
    this.#seconds += seconds;
    this.#stretchSeconds += seconds;
    this.#countedTo = now;
  }

  #report(stretch: Stretch, sums: Sums, seconds: number): StepReport {
    const { phase, step, epoch, stepInEpoch, learningRate, lambda, drelus } = stretch;
    const { id } = this.infos[phase];
    const { batch, stepsPerEpoch } = this.#work[phase];
    const perStep = this.#pace.secondsPerStep;
    return {
      record: {
        step,
        phase: id,
        epoch,
        loss: sums.loss / sums.steps,
        crossEntropy: sums.crossEntropy / sums.steps,
        distillation: sums.distillation / sums.steps,
        penalty: sums.penalty / sums.steps,
        accuracy: sums.right / sums.images,
        learningRate,
        lambda,
        drelus,
        imagesPerSecond: seconds > 0 ? sums.images / seconds : 0,
      },
      progress: {
        type: 'progress',
        phase: id,
        epoch,
        stepInEpoch,
        stepsPerEpoch,
        ...timeLeft(this.#stepsLeft(stretch), perStep, batch, this.#work.slice(phase + 1)),
        imagesPerSecond: perStep === null ? null : batch / perStep,
      },
    };
  }

  /** Steps left in the phase; null where not known. */
  #stepsLeft(stretch: Stretch): number | null {
    const most = plannedStepsLeft(this.#work[stretch.phase], stretch);
    if (stretch.target === null) return most;
    const estimate = stepsToTarget(this.#trend, stretch.target);
    return estimate === null ? null : Math.min(most, estimate);
  }
}
