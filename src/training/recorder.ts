/**
 * From the engine's sums to what readers hear: step records a few times a second, progress with time left, the epoch's means.
 *
 * Steps come in stretches whose length depends on the experiment alone; sums are read and reset at their ends and added up here
 * in double precision. So the epoch's numbers do not depend on when anything was read; only how many stretches a step record
 * covers does.
 */
import type { Evaluation, StepMetrics } from '../engine/api.ts';
import { DivergedError } from './errors.ts';
import type { RunEvent, StepRecord } from './events.ts';
import type { PlannedPhase } from './methods/rule.ts';
import { Pace } from './pace.ts';
import { addMetrics, NO_SUMS, rememberStep, type RunState, type Sums } from './state.ts';

/** Least time between two step records, milliseconds. */
const QUIET_MS = 250;
/** Counts from which the end of a mask stage is guessed. */
const TREND = 24;

/** What was true of the steps of a stretch. */
export interface Stretch {
  metrics: StepMetrics;
  /** When its numbers arrived. */
  at: number;
  step: number;
  epoch: number;
  stepInEpoch: number;
  learningRate: number;
  lambda: number | null;
  drelus: number;
}

export class Recorder {
  #pace = new Pace();
  #since: Sums = NO_SUMS;
  #sinceSeconds = 0;
  #lastRecord = -Infinity;
  #lastStretch: number | null = null;
  /** [step, DReLUs] of the mask stage. */
  #trend: [number, number][] = [];

  constructor(
    private readonly state: RunState,
    private readonly emit: (event: RunEvent) => void,
    private readonly plan: PlannedPhase[],
    private readonly stepsPerEpoch: (phase: number) => number,
  ) {}

  /** Another phase begins. */
  phase(): void {
    this.#pace.reset();
    this.#trend = [];
    this.#since = NO_SUMS;
  }

  /** Time from here on is training again (after a pause, a checkpoint, an evaluation). */
  start(now: number): void {
    this.#pace.start(now);
    this.#lastStretch = now;
  }

  /** Takes in a stretch; `last`: the epoch's last, which is always recorded. */
  stretch(stretch: Stretch, last: boolean): void {
    const { metrics, at } = stretch;
    const planned = this.plan[this.state.phase];
    if (!metrics.finite) throw new DivergedError(planned.info.title, stretch.epoch, stretch.learningRate);
    this.state.sums = addMetrics(this.state.sums, metrics);
    this.#since = addMetrics(this.#since, metrics);
    this.#pace.stretch(at, metrics.steps);
    const seconds = this.#lastStretch === null ? 0 : Math.max(0, at - this.#lastStretch) / 1000;
    this.#sinceSeconds += seconds;
    this.#lastStretch = at;
    this.#trend.push([stretch.step, stretch.drelus]);
    if (this.#trend.length > TREND) this.#trend.shift();
    if (last || at - this.#lastRecord >= QUIET_MS) this.#record(stretch, at);
  }

  /** A record of the steps since the last stretch, for a paused run; the sums stay as they are. */
  peek(stretch: Stretch): void {
    const sums = addMetrics(this.#since, stretch.metrics);
    if (sums.steps > 0) this.#tell(stretch, sums);
  }

  #record(stretch: Stretch, at: number): void {
    const sums = this.#since;
    this.#lastRecord = at;
    if (sums.steps === 0) return;
    const record = this.#tell(stretch, sums);
    rememberStep(this.state.history, record);
    this.#since = NO_SUMS;
    this.#sinceSeconds = 0;
  }

  #tell(stretch: Stretch, sums: Sums): StepRecord {
    const { info } = this.plan[this.state.phase];
    const record: StepRecord = {
      step: stretch.step,
      phase: info.id,
      epoch: stretch.epoch,
      loss: sums.loss / sums.steps,
      crossEntropy: sums.crossEntropy / sums.steps,
      distillation: sums.distillation / sums.steps,
      penalty: sums.penalty / sums.steps,
      accuracy: sums.right / sums.images,
      learningRate: stretch.learningRate,
      lambda: stretch.lambda,
      drelus: stretch.drelus,
      imagesPerSecond: this.#sinceSeconds > 0 ? sums.images / this.#sinceSeconds : 0,
    };
    this.emit({ type: 'step', record });
    const perStep = this.#pace.secondsPerStep;
    this.emit({
      type: 'progress',
      phase: info.id,
      epoch: stretch.epoch,
      stepInEpoch: stretch.stepInEpoch,
      stepsPerEpoch: this.stepsPerEpoch(this.state.phase),
      ...this.#timeLeft(stretch),
      imagesPerSecond: perStep === null ? null : this.plan[this.state.phase].phase.batch / perStep,
    });
    return record;
  }

  /** Steps left in the phase in hand; null where nobody can know yet. */
  #stepsLeft(stretch: Stretch): number | null {
    const { phase, rule } = this.plan[this.state.phase];
    const planned = (phase.epochs - stretch.epoch) * this.stepsPerEpoch(this.state.phase) - stretch.stepInEpoch;
    if (!rule.endsAt) return planned;
    const [first] = this.#trend;
    const fallen = first[1] - stretch.drelus;
    if (this.#trend.length < TREND / 2 || fallen <= 0) return null;
    const perStep = fallen / (stretch.step - first[0]);
    return Math.min(planned, Math.max(0, stretch.drelus - rule.endsAt(this.state.memory)) / perStep);
  }

  /** Of the run; of the phase in hand where a mask stage still comes, whose length nobody knows. */
  #timeLeft(stretch: Stretch): { secondsLeft: number | null; leftOf: 'run' | 'phase' } {
    const { phase } = this.state;
    const later = this.plan.slice(phase + 1);
    const leftOf = later.some(({ rule }) => rule.endsAt) ? 'phase' : 'run';
    const perStep = this.#pace.secondsPerStep;
    const here = this.#stepsLeft(stretch);
    if (perStep === null || here === null) return { secondsLeft: null, leftOf };
    const { batch } = this.plan[phase].phase;
    // Later phases are taken to cost as much an image as this one.
    const images = (plan: PlannedPhase[]) =>
      plan.reduce((sum, next, i) => sum + next.phase.epochs * this.stepsPerEpoch(phase + 1 + i) * next.phase.batch, 0);
    const rest = leftOf === 'run' ? images(later) : 0;
    return { secondsLeft: (here * batch + rest) * (perStep / batch), leftOf };
  }

  /** Means over the epoch's steps. */
  epochMeans(): Evaluation {
    const { images, steps, loss, right } = this.state.sums;
    return { images, loss: steps > 0 ? loss / steps : 0, accuracy: images > 0 ? right / images : 0 };
  }
}
