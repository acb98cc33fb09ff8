/**
 * The steps of an epoch. The GPU is never waited for step by step: a few steps are in flight, and the sums of a stretch of steps
 * are awaited one stretch later. Counts that steer the run (SNL's) are awaited at once, and so are checkpoints.
 *
 * Sums are read and reset only at the ends of stretches, whose length follows from the experiment alone: results do not depend
 * on timing. In between, on slow devices, they are read without a reset. A traced run has stretches of one step; this changes no
 * weight, but the epoch's mean loss by rounding.
 */
import { countsOf, drelusFromMaskCounts } from '../domain/counting.ts';
import type { Engine, StepSettings } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import { DivergedError } from './errors.ts';
import type { MethodNumbers, PlannedPhase } from './methods/rule.ts';
import type { Stretch, StepReport } from './recorder.ts';
import type { Run } from './run.ts';
import { learningRateAt } from './schedules.ts';
import { augmentSeed, epochOrder } from './seeds.ts';
import { Stopwatch } from './stopwatch.ts';
import { stepDecision, tracedStep, type StepDecision } from './trace.ts';
import { masksChecked, stepRecorded, stepTaken, stretchAdded } from './transitions.ts';

/** The GPU's queue holds about so many seconds of steps: enough to keep it busy, few enough that a pause takes effect at once. */
const QUEUE_SECONDS = 0.25;
const QUEUE_STEPS = { least: 2, most: 12 };
/** A stretch holds about so many operations, within these bounds. */
const STRETCH_FLOPS = 5e10;
const STRETCH_STEPS = { least: 4, most: 16 };
/** Milliseconds without a reading after which a slow device's sums are read between stretches. */
const PREVIEW_MS = 2000;

/** Marks a promise as handled: it is awaited later, or not at all once something else has failed. */
function deferred<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Forward and backward pass take 6 operations per MAC, the teacher's forward pass 2 more. */
function stretchLength(run: Run, { phase, distillation }: PlannedPhase): number {
  if (run.trace) return 1;
  const { macs } = countsOf(run.state.experiment.network).total;
  const flops = macs * phase.batch * (distillation ? 8 : 6);
  return Math.min(STRETCH_STEPS.most, Math.max(STRETCH_STEPS.least, Math.floor(STRETCH_FLOPS / flops)));
}

function stepSettings(run: Run, phase: PlannedPhase, numbers: MethodNumbers): StepSettings {
  const { experiment, epoch } = run.state;
  const { augment, seed } = experiment;
  const { optimizer } = phase.phase;
  return {
    ...numbers,
    optimizer:
      optimizer.kind === 'sgd'
        ? { kind: 'sgd', momentum: optimizer.momentum, weightDecay: optimizer.weightDecay }
        : { kind: 'adam', weightDecay: optimizer.weightDecay },
    learningRate: learningRateAt(phase.phase, epoch),
    distillation: run.distils(phase) ? phase.distillation : null,
    augment:
      augment.cropPadding > 0 || augment.flip ? { ...augment, seed: augmentSeed(seed, phase.info.id, epoch) } : null,
  };
}

interface PendingStretch extends Stretch {
  /** The stretch's step, in a traced run. */
  decision: StepDecision | null;
}

export class EpochSteps {
  readonly #run: Run;
  readonly #phase: PlannedPhase;
  readonly #engine: Engine;
  readonly #order: Uint32Array;
  /** Of this epoch, over all sessions. */
  readonly #stopwatch: Stopwatch;
  readonly #secondsBefore: number;
  #pending: Promise<PendingStretch> | null = null;
  #lastReading: number;
  #drelus: number;

  constructor(run: Run, phase: PlannedPhase, engine: Engine) {
    this.#run = run;
    this.#phase = phase;
    this.#engine = engine;
    const { experiment, epoch, gates, memory, epochSeconds } = run.state;
    this.#order = epochOrder(run.data.train, experiment.seed, phase.info.id, epoch);
    this.#lastReading = run.now();
    this.#secondsBefore = epochSeconds;
    this.#stopwatch = new Stopwatch(run.now, epochSeconds);
    // While masks are trained the count changes with each reading; else it is the gates' own.
    this.#drelus =
      phase.rule.counted?.(memory) ?? countsOfWeights(experiment.network, gates, run.tensors.weights).total.drelus;
  }

  /** Seconds of this epoch without pauses, over all sessions. */
  get seconds(): number {
    return this.#stopwatch.seconds;
  }

  /** Takes the remaining steps of the epoch, up to a check that ends the phase. @throws RunStopped, DivergedError */
  async run(): Promise<void> {
    const { control, infos } = this.#run;
    const steps = infos[this.#run.state.phase].stepsPerEpoch;
    const { batch } = this.#phase.phase;
    const stretch = stretchLength(this.#run, this.#phase);
    const everySteps = this.#phase.rule.check?.everySteps ?? null;
    const inFlight: Promise<void>[] = [];
    let taken = 0;
    this.#engine.setOrder(this.#order);

    while (this.#run.state.stepInEpoch < steps && !this.#run.state.finished) {
      await control.waitWhilePaused({ onPause: () => this.#onPause(), onWake: (resumed) => this.#onWake(resumed) });
      const { state } = this.#run;
      const numbers = this.#phase.rule.numbers(state.memory, this.#run.position());
      const settings = stepSettings(this.#run, this.#phase, numbers);
      const at = state.stepInEpoch * batch;
      const decision = this.#run.trace ? stepDecision(state, settings, this.#order, at, batch) : null;
      this.#engine.step(at, settings);
      this.#run.apply(stepTaken);
      inFlight.push(deferred(this.#engine.settle()));
      taken++;
      while (inFlight.length > this.#queueLength(taken)) await inFlight.shift();

      const { stepInEpoch } = this.#run.state;
      const checkDue = everySteps !== null && (state.epoch * steps + stepInEpoch) % everySteps === 0;
      if (checkDue || stepInEpoch % stretch === 0 || stepInEpoch === steps)
        await this.#endStretch(settings, decision, checkDue);
      else if (this.#run.now() - this.#lastReading > PREVIEW_MS) await this.#preview(settings);
    }
    await this.#addPending();
    await Promise.all(inFlight);
    if (everySteps === null) await this.#check();
  }

  /** Steps that may be on the queue, from how long the epoch's steps have taken so far. It changes no number of the run. */
  #queueLength(taken: number): number {
    const perStep = (this.seconds - this.#secondsBefore) / taken;
    return Math.min(QUEUE_STEPS.most, Math.max(QUEUE_STEPS.least, Math.floor(QUEUE_SECONDS / Math.max(perStep, 1e-4))));
  }

  /** Adds the sums of the stretch before, asks for those of this one, and does what is due between stretches. */
  async #endStretch(settings: StepSettings, decision: StepDecision | null, checkDue: boolean): Promise<void> {
    const run = this.#run;
    await this.#addPending();
    this.#pending = deferred(this.#read(settings, decision));
    this.#lastReading = run.now();
    const saveDue = run.checkpointDue;
    if (!checkDue && !saveDue) return;
    await this.#addPending();
    if (checkDue) await this.#check();
    if (saveDue) {
      await run.snapshot(this.#engine, this.seconds);
      await run.write();
      run.recorder.start(run.now());
      run.control.throwIfStopping();
    }
  }

  /** Adds the sums that were asked for last. @throws DivergedError */
  async #addPending(): Promise<void> {
    if (!this.#pending) return;
    const { decision, ...stretch } = await this.#pending;
    this.#pending = null;
    const { metrics, epoch, learningRate, phase, stepInEpoch } = stretch;
    if (decision) this.#run.trace?.step(tracedStep(decision, metrics));
    if (!metrics.finite) throw new DivergedError(this.#phase.info.title, epoch, 'the loss', learningRate);
    this.#drelus = stretch.drelus;
    this.#run.apply((state) => stretchAdded(state, metrics));
    this.#tell(this.#run.recorder.add(stretch, stepInEpoch === this.#run.infos[phase].stepsPerEpoch), true);
  }

  /** @param kept true: the record becomes part of the run's history */
  #tell(report: StepReport | null, kept: boolean): void {
    if (!report) return;
    if (kept) this.#run.apply((state) => stepRecorded(state, report.record));
    this.#run.emit({ type: 'step', record: report.record });
    this.#run.emit(report.progress);
  }

  /** Asks for the stretch's sums, and for the DReLUs where masks are being trained. */
  async #read(settings: StepSettings, decision: StepDecision | null): Promise<PendingStretch> {
    const { gates, experiment } = this.#run.state;
    const { epsilon } = this.#phase.rule;
    const where = this.#whereNow(settings.learningRate, settings.lambda);
    const [metrics, counts] = await Promise.all([
      this.#engine.metrics(),
      epsilon === undefined ? null : this.#engine.maskCounts(epsilon),
    ]);
    const drelus = counts ? drelusFromMaskCounts(experiment.network, gates, counts) : this.#drelus;
    return { ...where, metrics, at: this.#run.now(), drelus, decision };
  }

  /** Reports the steps since the last stretch without resetting their sums. */
  async #preview({ learningRate, lambda }: Pick<StepSettings, 'learningRate' | 'lambda'>): Promise<void> {
    await this.#addPending();
    const where = this.#whereNow(learningRate, lambda);
    const metrics = await this.#engine.metrics(false);
    this.#lastReading = this.#run.now();
    const report = this.#run.recorder.preview({ ...where, metrics, at: this.#lastReading, drelus: this.#drelus });
    this.#tell(report, false);
  }

  #whereNow(learningRate: number, lambda: number): Omit<Stretch, 'metrics' | 'at' | 'drelus'> {
    const { phase, step, epoch, stepInEpoch, memory } = this.#run.state;
    const { epsilon, endsAt } = this.#phase.rule;
    const target = endsAt?.(memory) ?? null;
    return { phase, step, epoch, stepInEpoch, learningRate, lambda: epsilon === undefined ? null : lambda, target };
  }

  /** The phase's check, once per step: a resumed run does not repeat one that ran before the interruption. */
  async #check(): Promise<void> {
    const { state, trace } = this.#run;
    const { check, counted, numbers } = this.#phase.rule;
    if (!check || state.checkedAt === state.step) return;
    const result = await check.run({
      experiment: state.experiment,
      gates: state.gates,
      memory: state.memory,
      epoch: state.epoch,
      maskCounts: (threshold) => this.#engine.maskCounts(threshold),
    });
    this.#run.apply((now) => masksChecked(now, result));
    const { phase, epoch, step } = state;
    const { memory, finished } = result;
    const count = counted?.(memory) ?? this.#drelus;
    const lambdaAfter = numbers(memory, this.#run.position()).lambda;
    trace?.check({ phase, epoch, step, count, lambdaAfter, finished });
  }

  async #onPause(): Promise<void> {
    const { state } = this.#run;
    const { lambda } = this.#phase.rule.numbers(state.memory, this.#run.position());
    await this.#preview({ learningRate: learningRateAt(this.#phase.phase, state.epoch), lambda });
    this.#run.recorder.pause(this.#run.now());
    this.#stopwatch.pause();
    this.#run.status('paused');
  }

  #onWake(resumed: boolean): void {
    this.#stopwatch.resume();
    this.#run.recorder.start(this.#run.now());
    if (resumed) this.#run.status('running');
  }
}
