/**
 * The steps of an epoch. The GPU is never waited for step by step: a few steps are in flight, and the sums of a stretch of steps
 * are awaited one stretch later. Checks that steer the run (SNL's count) are waited for; so are checkpoints.
 *
 * Sums are read and reset only at the ends of stretches, whose length follows from the experiment alone: results do not depend
 * on timing. In between, on slow devices, they are only looked at.
 */
import { countsOf, drelusFromMaskCounts } from '../domain/counting.ts';
import type { Engine, StepSettings } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import type { MethodNumbers, PlannedPhase } from './methods/rule.ts';
import type { Stretch } from './recorder.ts';
import type { Run } from './run.ts';
import { learningRateAt } from './schedules.ts';
import { augmentSeed, epochOrder } from './seeds.ts';

/** The GPU's queue holds about so many seconds of steps: enough to keep it busy, so little that a pause takes effect at once. */
const QUEUE_SECONDS = 0.25;
const QUEUE_STEPS = { least: 2, most: 12 };
/** A stretch holds about so many operations, within these bounds. */
const STRETCH_FLOPS = 5e10;
const STRETCH_STEPS = { least: 4, most: 16 };
/** Seconds without a reading after which a slow device is looked at between stretches. */
const SILENCE = 2;

/** A promise that is awaited later, or not at all once something else has failed. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Forward and backward pass take 6 operations a MAC, the teacher's forward pass 2 more. */
function stretchLength({ state }: Run, planned: PlannedPhase): number {
  const { macs } = countsOf(state.experiment.network).total;
  const flops = macs * planned.phase.batch * (planned.distillation ? 8 : 6);
  return Math.min(STRETCH_STEPS.most, Math.max(STRETCH_STEPS.least, Math.floor(STRETCH_FLOPS / flops)));
}

function stepSettings(run: Run, planned: PlannedPhase, numbers: MethodNumbers): StepSettings {
  const { experiment, epoch } = run.state;
  const { augment, seed } = experiment;
  const { optimizer } = planned.phase;
  return {
    ...numbers,
    optimizer:
      optimizer.kind === 'sgd'
        ? { kind: 'sgd', momentum: optimizer.momentum, weightDecay: optimizer.weightDecay }
        : { kind: 'adam', weightDecay: optimizer.weightDecay },
    learningRate: learningRateAt(planned.phase, epoch),
    distillation: run.distils(planned) ? planned.distillation : null,
    augment:
      augment.cropPadding > 0 || augment.flip ? { ...augment, seed: augmentSeed(seed, planned.info.id, epoch) } : null,
  };
}

export class EpochSteps {
  readonly #run: Run;
  readonly #planned: PlannedPhase;
  readonly #engine: Engine;
  readonly #began: number;
  readonly #secondsBefore: number;
  #outstanding: Promise<Stretch> | null = null;
  #lastReading: number;
  #drelus: number;

  constructor(run: Run, planned: PlannedPhase, engine: Engine) {
    this.#run = run;
    this.#planned = planned;
    this.#engine = engine;
    this.#began = this.#lastReading = run.now();
    this.#secondsBefore = run.state.epochSeconds;
    const { experiment, gates, memory } = run.state;
    // While masks are trained the count moves with each reading; else it is the gates' own.
    this.#drelus =
      planned.rule.epsilon === undefined
        ? countsOfWeights(experiment.network, gates, run.tensors.weights).total.drelus
        : memory.count;
  }

  /** Of this epoch, over all sittings. */
  seconds(): number {
    return this.#secondsBefore + (this.#run.now() - this.#began) / 1000;
  }

  /** Walks from the state's step to the epoch's end, or to where a check ends the phase. @throws Stopped, DivergedError */
  async walk(): Promise<void> {
    const { state, data, infos, control } = this.#run;
    const steps = infos[state.phase].stepsPerEpoch;
    const { batch } = this.#planned.phase;
    const stretch = stretchLength(this.#run, this.#planned);
    const everySteps = this.#planned.rule.check?.everySteps ?? null;
    const flights: Promise<void>[] = [];
    let taken = 0;
    this.#engine.setOrder(epochOrder(data.train, state.experiment.seed, this.#planned.info.id, state.epoch));

    while (state.stepInEpoch < steps && !state.finished) {
      await control.permit(
        () => this.#pause(),
        () => this.#resumed(),
      );
      const numbers = this.#planned.rule.numbers(state.memory, this.#run.position());
      const settings = stepSettings(this.#run, this.#planned, numbers);
      this.#engine.step(state.stepInEpoch * batch, settings);
      state.stepInEpoch++;
      state.step++;
      flights.push(quiet(this.#engine.settle()));
      taken++;
      while (flights.length > this.#room(taken)) await flights.shift();

      const checkDue = everySteps !== null && (state.epoch * steps + state.stepInEpoch) % everySteps === 0;
      if (checkDue || state.stepInEpoch % stretch === 0 || state.stepInEpoch === steps)
        await this.#endStretch(settings, checkDue);
      else if (this.#run.now() - this.#lastReading > 1000 * SILENCE) await this.#look(settings);
    }
    await this.#hear();
    await Promise.all(flights);
    if (everySteps === null) await this.#check();
  }

  /** Steps that may be on the queue, from how long the epoch's steps have taken so far. It changes no number of the run. */
  #room(taken: number): number {
    const perStep = (this.#run.now() - this.#began) / 1000 / taken;
    return Math.min(QUEUE_STEPS.most, Math.max(QUEUE_STEPS.least, Math.floor(QUEUE_SECONDS / Math.max(perStep, 1e-4))));
  }

  /** Takes the sums of the stretch before, asks for those of this one, and does what is due between stretches. */
  async #endStretch(settings: StepSettings, checkDue: boolean): Promise<void> {
    const run = this.#run;
    await this.#hear();
    this.#outstanding = quiet(this.#read(settings));
    this.#lastReading = run.now();
    const saveDue = run.now() - run.lastSaved > 1000 * run.checkpointSeconds || run.control.stopping;
    if (!checkDue && !saveDue) return;
    await this.#hear();
    if (checkDue) await this.#check();
    if (saveDue) {
      run.state.epochSeconds = this.seconds();
      await run.snapshot(this.#engine);
      await run.write();
      run.recorder.start(run.now());
      run.stopHere();
    }
  }

  async #hear(): Promise<void> {
    if (!this.#outstanding) return;
    const stretch = await this.#outstanding;
    this.#outstanding = null;
    this.#drelus = stretch.drelus;
    this.#run.recorder.stretch(stretch, stretch.stepInEpoch === this.#run.infos[this.#run.state.phase].stepsPerEpoch);
  }

  /** Asks for the stretch's sums, and for the DReLUs where masks are being trained. */
  async #read(settings: StepSettings): Promise<Stretch> {
    const { gates, experiment } = this.#run.state;
    const { epsilon } = this.#planned.rule;
    const about = this.#about(settings.learningRate, settings.lambda);
    const [metrics, counts] = await Promise.all([
      this.#engine.metrics(),
      epsilon === undefined ? null : this.#engine.maskCounts(epsilon),
    ]);
    const drelus = counts ? drelusFromMaskCounts(experiment.network, gates, counts) : this.#drelus;
    return { ...about, metrics, at: this.#run.now(), drelus };
  }

  /** Tells how the stretch in hand goes, without touching its sums. */
  async #look({ learningRate, lambda }: Pick<StepSettings, 'learningRate' | 'lambda'>): Promise<void> {
    await this.#hear();
    const about = this.#about(learningRate, lambda);
    const metrics = await this.#engine.metrics(false);
    this.#lastReading = this.#run.now();
    this.#run.recorder.peek({ ...about, metrics, at: this.#lastReading, drelus: this.#drelus });
  }

  #about(learningRate: number, lambda: number): Omit<Stretch, 'metrics' | 'at' | 'drelus'> {
    const { step, epoch, stepInEpoch } = this.#run.state;
    return { step, epoch, stepInEpoch, learningRate, lambda: this.#planned.rule.epsilon === undefined ? null : lambda };
  }

  /** The phase's check, once a step: a resumed run does not check again what it checked before it was stopped. */
  async #check(): Promise<void> {
    const { state } = this.#run;
    const { check } = this.#planned.rule;
    if (!check || state.checkedAt === state.step) return;
    const { memory, finished } = await check.run({
      experiment: state.experiment,
      gates: state.gates,
      memory: state.memory,
      epoch: state.epoch,
      maskCounts: (threshold) => this.#engine.maskCounts(threshold),
    });
    Object.assign(state, { memory, finished, checkedAt: state.step });
  }

  async #pause(): Promise<void> {
    const { state } = this.#run;
    const { lambda } = this.#planned.rule.numbers(state.memory, this.#run.position());
    await this.#look({ learningRate: learningRateAt(this.#planned.phase, state.epoch), lambda });
    this.#run.status('paused');
  }

  #resumed(): void {
    this.#run.status('running');
    this.#run.recorder.start(this.#run.now());
  }
}
