/**
 * A run: a state machine that walks through the planned phases, epoch by epoch and step by step.
 *
 *   not begun ──begin──▶ steps of an epoch ──▶ check ──▶ evaluate ──▶ next epoch …  ──▶ next phase … ──▶ done
 *
 * Everything it needs to go on stands in `RunState` and `RunTensors`. Checkpoints are written between stretches of steps, after
 * epochs and between phases; from each of them the run goes on bit for bit as if nothing had happened. The GPU is never waited
 * for step by step: a few steps are in flight, and a stretch's numbers are awaited one stretch later.
 */
import { drelusFromMaskCounts } from '../domain/counting.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import { parametersOf } from '../domain/network.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import { initialWeights } from '../engine/initial.ts';
import type { Engine, EngineSettings, Evaluation, StepSettings, TensorMap, Progress } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import { encodeCheckpoint, type CheckpointStorage } from './checkpoint.ts';
import { Control, Stopped } from './control.ts';
import { CheckpointError, PlanError } from './errors.ts';
import type { EpochRecord, PhaseInfo, RunEvent, RunResult, RunStatus } from './events.ts';
import type { MethodNumbers, PhaseStart, PlannedPhase, Position } from './methods/rule.ts';
import { phaseInfos, planPhases } from './plan.ts';
import { Recorder, type Stretch } from './recorder.ts';
import { learningRateAt } from './schedules.ts';
import { augmentSeed, epochOrder, seedFor } from './seeds.ts';
import { checkData, shortfalls, type TrainingData } from './trainingData.ts';
import { NO_SUMS, type Checkpoint, type RunState, type RunTensors } from './state.ts';

/** A network to start from: a finished run, or masks.json and its weights. */
export interface WarmStart {
  gates: GateMap;
  /** Gate parameters included. */
  weights: TensorMap;
  denseTestAccuracy: number | null;
}

export interface TrainerOptions {
  experiment: Experiment;
  data: TrainingData;
  /** May measure tiles on a device that is new to it first; `onTuning` hears how far. */
  createEngine: (settings: EngineSettings, onTuning: Progress) => Engine | Promise<Engine>;
  emit: (event: RunEvent) => void;
  /** Goes on from here; `experiment` must be the checkpoint's. */
  resume?: Checkpoint | null;
  start?: WarmStart | null;
  storage?: CheckpointStorage | null;
  /** Seconds between checkpoints inside an epoch. */
  checkpointSeconds?: number;
  /** Begin paused (a single step at a time). */
  paused?: boolean;
  /** Bytes that the device lends at most, for the memory event. */
  memoryLimit?: number | null;
  /** Milliseconds; for tests. */
  now?: () => number;
}

/** A run that is done, as the export takes it. */
export interface FinishedRun {
  experiment: Experiment;
  gates: GateMap;
  weights: TensorMap;
  result: RunResult;
  dataset: { trainImages: number; validationImages: number; testImages: number; mean: number[]; std: number[] };
}

export type RunOutcome =
  { status: 'done'; finished: FinishedRun } | { status: 'stopped' } | { status: 'failed'; error: Error };

/** Steps that may be on the GPU's queue. */
const IN_FLIGHT = 3;
const SECONDS_BETWEEN_READINGS = 2;
/** A stretch holds about so many operations, 4 to 16 steps. */
const STRETCH_FLOPS = 5e10;

export class Trainer {
  readonly #options: TrainerOptions;
  readonly #control: Control;
  readonly #state: RunState;
  readonly #tensors: RunTensors;
  readonly #plan: PlannedPhase[];
  readonly #infos: PhaseInfo[];
  readonly #data: TrainingData;
  readonly #recorder: Recorder;
  readonly #now: () => number;
  #engine: Engine | null = null;
  #lastSaved: number;

  /** @throws PlanError, CheckpointError where the experiment cannot be run with this data or start. */
  constructor(options: TrainerOptions) {
    this.#options = options;
    this.#control = new Control(options.paused);
    this.#now = options.now ?? (() => performance.now());
    const { experiment, resume } = options;
    if (resume && JSON.stringify(resume.state.experiment) !== JSON.stringify(experiment))
      throw new CheckpointError('The checkpoint is of another experiment.');
    this.#state = resume ? structuredClone(resume.state) : freshState(experiment, options.start ?? null);
    this.#tensors = resume ? { ...resume.tensors } : freshTensors(experiment, options.start ?? null);
    this.#data = options.data;
    checkData(options.data, experiment);
    this.#plan = planPhases(experiment, this.#state.startedWithGates);
    this.#infos = phaseInfos(this.#plan, this.#data.train.length);
    this.#state.history.phases = this.#infos;
    this.#recorder = new Recorder(this.#state, options.emit, this.#plan, (phase) => this.#infos[phase].stepsPerEpoch);
    this.#lastSaved = this.#now();
  }

  /** Takes effect after the step in hand. */
  pause(): void {
    this.#control.pause();
  }
  resume(): void {
    this.#control.resume();
  }
  /** One more step of a paused run. */
  step(): void {
    this.#control.step();
  }
  /** Ends the stretch of steps in hand, writes a checkpoint and ends `run` with "stopped". */
  stop(): void {
    this.#control.stop();
  }

  /** The state as it stands; read it only while `run` is not going on. */
  get state(): RunState {
    return this.#state;
  }

  /** Runs to the end, a stop or a failure; never rejects. To be called once. */
  async run(): Promise<RunOutcome> {
    try {
      this.#status('preparing');
      this.#emit({ type: 'plan', phases: this.#infos });
      if (!this.#options.resume) {
        this.#firstWarnings();
        await this.#write();
      }
      while (this.#state.phase < this.#plan.length) {
        this.#stopHere();
        await this.#phase(this.#plan[this.#state.phase]);
      }
      const finished = this.#finished();
      this.#emit({ type: 'done', result: finished.result });
      this.#status('done');
      return { status: 'done', finished };
    } catch (cause) {
      if (cause instanceof Stopped) {
        this.#status('stopped');
        return { status: 'stopped' };
      }
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#emit({ type: 'failed', name: error.name, message: error.message });
      this.#status('failed', error.message);
      return { status: 'failed', error };
    } finally {
      this.#close();
    }
  }

  #emit(event: RunEvent): void {
    this.#options.emit(event);
  }

  #status(status: RunStatus, detail?: string): void {
    this.#emit({ type: 'status', status, ...(detail === undefined ? {} : { detail }) });
  }

  #warn(message: string): void {
    this.#state.history.warnings.push(message);
    this.#emit({ type: 'warning', message });
  }

  #firstWarnings(): void {
    const { experiment } = this.#options;
    const { selection } = experiment;
    for (const sentence of shortfalls(this.#data, experiment)) this.#warn(sentence);
    if (selection === 'validation' && this.#data.validation.length === 0)
      this.#warn('There is no validation split, so that the last epoch of each phase is kept.');
    if (selection === 'paper') {
      if (this.#data.test.length === 0)
        this.#warn('There are no test images, so that the last epoch of each phase is kept.');
      else this.#warn('Paper protocol: the best test epoch is kept, a selection on test data.');
    }
  }

  #stopHere(): void {
    if (this.#control.stopping) throw new Stopped();
  }

  // ------------------------------------------------------------------ phases

  async #phase(planned: PlannedPhase): Promise<void> {
    const state = this.#state;
    const info = this.#infos[state.phase];
    this.#recorder.phase();
    if (state.begun) {
      await this.#open(planned, state.gates, this.#tensors.weights);
      if (this.#tensors.optimizer) this.#engine!.setOptimizerState(this.#tensors.optimizer);
      this.#emit({ type: 'phase', phase: info });
    } else {
      await this.#begin(planned, info);
    }
    this.#status('running');
    this.#recorder.start(this.#now());
    // A phase that its check has ended still owes the end of the epoch in hand.
    const owed = () => state.epoch < planned.phase.epochs && !(state.finished && state.stepInEpoch === 0);
    while (owed()) await this.#epoch(planned, this.#engine!);
    if (planned.phase.epochs === 0) await this.#concludeWithoutEpochs(planned, this.#engine!);
    state.phase++;
    Object.assign(state, {
      begun: false,
      epoch: 0,
      stepInEpoch: 0,
      finished: false,
      memory: {},
      best: null,
      sums: NO_SUMS,
    });
    Object.assign(this.#tensors, { optimizer: null, best: null });
    this.#close();
    await this.#write();
  }

  /** Brings in the phase's gates and weights and measures both sides of what changes for good. */
  async #begin(planned: PlannedPhase, info: PhaseInfo): Promise<void> {
    const state = this.#state;
    const { experiment } = state;
    this.#chooseTeacher(planned);
    const start = await planned.rule.begin({
      experiment,
      gates: state.gates,
      weights: this.#tensors.weights,
      trained: state.trained,
      patterns: (sites, images) => this.#patterns(sites, images),
    });
    this.#close();
    await this.#open(planned, start.gates, start.weights);
    const engine = this.#engine!;
    this.#emit({ type: 'phase', phase: info });
    if (start.switch) await this.#measureSwitch(engine, start.switch, start.weights);
    for (const warning of start.warnings ?? []) this.#warn(warning);
    state.gates = start.gates;
    this.#tensors.weights = start.weights;
    Object.assign(state, {
      memory: start.memory,
      begun: true,
      epoch: 0,
      stepInEpoch: 0,
      checkedAt: -1,
      epochSeconds: 0,
    });
  }

  async #measureSwitch(engine: Engine, change: NonNullable<PhaseStart['switch']>, weights: TensorMap): Promise<void> {
    this.#status('evaluating');
    engine.setWeights(this.#fitting(change.before.weights, engine.settings.gates));
    const before = await this.#evaluate(engine, this.#data.validation, change.before.soft);
    engine.setWeights(this.#fitting(weights, engine.settings.gates));
    const after = await this.#evaluate(engine, this.#data.validation, null);
    const record = { step: this.#state.step, what: change.what, before, after };
    this.#state.history.switches.push(record);
    this.#emit({ type: 'switch', ...record });
  }

  /** Where a method distils and no dense network was trained, the teacher is the network as the method found it. */
  #chooseTeacher(planned: PlannedPhase): void {
    const state = this.#state;
    if (!planned.distillation || this.#tensors.teacher) return;
    if (this.#plan[state.phase - 1]?.info.method === planned.info.method) return;
    if (state.trained) {
      this.#tensors.teacher = this.#tensors.weights;
      state.teacherGates = state.gates;
    } else {
      this.#warn(
        `${planned.info.title}: nothing has been trained that could be the teacher, so that there is no distillation.`,
      );
    }
  }

  /** Pre-activations on the first images of a fixed draw, with the gates and weights of the phase before. */
  async #patterns(sites: string[], images: number) {
    const engine = await this.#createEngine({
      ...this.#engineSettings(),
      gates: this.#state.gates,
      batch: images,
      teacher: false,
    });
    try {
      engine.setData(this.#data.images);
      engine.setWeights(this.#fitting(this.#tensors.weights, this.#state.gates));
      const { seed } = this.#state.experiment;
      const indices = epochOrder(this.#data.train, seedFor(seed, 'patterns'), 'patterns', 0).slice(0, images);
      const found = new Map();
      for (const site of sites) found.set(site, await engine.preActivations(site, indices));
      return found as Map<string, Awaited<ReturnType<Engine['preActivations']>>>;
    } finally {
      engine.dispose();
    }
  }

  // ------------------------------------------------------------------ the engine

  #engineSettings(): Pick<EngineSettings, 'network' | 'f16'> {
    const { network, engine } = this.#state.experiment;
    return { network, f16: engine.f16 };
  }

  async #createEngine(settings: EngineSettings): Promise<Engine> {
    return this.#options.createEngine(settings, (done, total) =>
      this.#emit({ type: 'compiling', done, total, what: 'tuning' }),
    );
  }

  async #open(planned: PlannedPhase, gates: GateMap, weights: TensorMap): Promise<void> {
    const { microBatch } = this.#state.experiment.engine;
    const teacher = planned.distillation !== null && this.#tensors.teacher !== null;
    const { batch } = planned.phase;
    if (microBatch !== null && microBatch < batch && batch % microBatch !== 0)
      throw new PlanError(
        `engine.microBatch ${microBatch} does not divide the batch of ${batch} (${planned.info.title}).`,
      );
    const engine = await this.#createEngine({
      ...this.#engineSettings(),
      gates,
      batch,
      teacher,
      ...(microBatch !== null && microBatch < batch ? { microBatch } : {}),
    });
    this.#engine = engine;
    this.#status('compiling', planned.info.title);
    engine.setData(this.#data.images);
    engine.setWeights(this.#fitting(weights, gates));
    if (teacher)
      engine.setTeacher(this.#fitting(this.#tensors.teacher!, this.#state.teacherGates!), this.#state.teacherGates!);
    await engine.compile((done, total) => this.#emit({ type: 'compiling', done, total, what: 'shaders' }));
    this.#emit({ type: 'memory', bytes: engine.memory.bytes, limit: this.#options.memoryLimit ?? null });
  }

  #close(): void {
    this.#engine?.dispose();
    this.#engine = null;
  }

  /** Only the tensors that a network with these gates has. */
  #fitting(weights: TensorMap, gates: GateMap): TensorMap {
    const { network } = this.#state.experiment;
    const names = [
      ...parametersOf(network).map(({ name }) => name),
      ...gateParametersOf(network, gates).map(({ name }) => name),
    ];
    return new Map(names.flatMap((name) => (weights.has(name) ? [[name, weights.get(name)!]] : [])));
  }

  // ------------------------------------------------------------------ an epoch

  #position(): Position {
    const { epoch, stepInEpoch, phase } = this.#state;
    return {
      epoch,
      stepInEpoch,
      epochs: this.#plan[phase].phase.epochs,
      stepsPerEpoch: this.#infos[phase].stepsPerEpoch,
    };
  }

  #stepSettings(planned: PlannedPhase, numbers: MethodNumbers): StepSettings {
    const { augment, seed } = this.#state.experiment;
    const { optimizer } = planned.phase;
    const teacher = planned.distillation !== null && this.#tensors.teacher !== null;
    return {
      ...numbers,
      optimizer:
        optimizer.kind === 'sgd'
          ? { kind: 'sgd', momentum: optimizer.momentum, weightDecay: optimizer.weightDecay }
          : { kind: 'adam', weightDecay: optimizer.weightDecay },
      learningRate: learningRateAt(planned.phase, this.#state.epoch),
      distillation: teacher ? planned.distillation : null,
      augment:
        augment.cropPadding > 0 || augment.flip
          ? { ...augment, seed: augmentSeed(seed, planned.info.id, this.#state.epoch) }
          : null,
    };
  }

  /** Steps between two readings: the experiment's affair alone, so that results do not depend on timing. */
  #stretchLength(planned: PlannedPhase): number {
    const { macs } = countsOfWeights(this.#state.experiment.network, {}, new Map()).total;
    const flops = macs * planned.phase.batch * (planned.distillation ? 8 : 6);
    return Math.min(16, Math.max(4, Math.floor(STRETCH_FLOPS / flops)));
  }

  async #epoch(planned: PlannedPhase, engine: Engine): Promise<void> {
    const state = this.#state;
    const steps = this.#infos[state.phase].stepsPerEpoch;
    const order = epochOrder(this.#data.train, state.experiment.seed, planned.info.id, state.epoch);
    engine.setOrder(order);
    const began = this.#now();
    const before = state.epochSeconds;
    const elapsed = () => before + (this.#now() - began) / 1000;
    const stretch = this.#stretchLength(planned);
    const { check } = planned.rule;
    const everySteps = check?.everySteps ?? null;
    const stepInPhase = () => state.epoch * steps + state.stepInEpoch;
    const dueEverySteps = () => everySteps !== null && stepInPhase() % everySteps === 0;
    const counted = { drelus: this.#drelusNow(planned) };
    const flights: Promise<void>[] = [];
    let outstanding: Promise<Stretch> | null = null;
    let lastRead = began;
    const settleStretch = async () => {
      if (!outstanding) return;
      const done = await outstanding;
      outstanding = null;
      counted.drelus = done.drelus;
      this.#recorder.stretch(done, done.stepInEpoch === steps);
    };

    while (state.stepInEpoch < steps && !state.finished) {
      await this.#control.permit(
        () => this.#pause(engine, planned, counted.drelus, settleStretch),
        () => this.#resumed(),
      );
      const numbers = planned.rule.numbers(state.memory, this.#position());
      const settings = this.#stepSettings(planned, numbers);
      engine.step(state.stepInEpoch * planned.phase.batch, settings);
      state.stepInEpoch++;
      state.step++;
      flights.push(quiet(engine.settle()));
      if (flights.length > IN_FLIGHT) await flights.shift();

      const checkDue = dueEverySteps();
      // On a slow device a stretch takes long: people still hear of every second or so. Reading changes no number of the run.
      const silent = this.#now() - lastRead > 1000 * SECONDS_BETWEEN_READINGS;
      if (state.stepInEpoch % stretch !== 0 && state.stepInEpoch < steps && !checkDue && !silent) continue;
      await settleStretch();
      lastRead = this.#now();
      outstanding = quiet(this.#readStretch(engine, planned, settings, counted.drelus));
      const saveDue = this.#now() - this.#lastSaved > 1000 * (this.#options.checkpointSeconds ?? 60);
      if (!checkDue && !saveDue && !this.#control.stopping) continue;
      await settleStretch();
      if (checkDue) await this.#check(planned, engine);
      if (saveDue || this.#control.stopping) {
        state.epochSeconds = elapsed();
        await this.#snapshot(engine);
        await this.#write();
        this.#recorder.start(this.#now());
      }
      this.#stopHere();
    }
    await settleStretch();
    await Promise.all(flights);
    if (check && everySteps === null) await this.#check(planned, engine);
    await this.#endEpoch(planned, engine, elapsed);
  }

  async #check(planned: PlannedPhase, engine: Engine): Promise<void> {
    const state = this.#state;
    if (state.checkedAt === state.step) return;
    const { memory, finished } = await planned.rule.check!.run({
      experiment: state.experiment,
      gates: state.gates,
      memory: state.memory,
      epoch: state.epoch,
      maskCounts: (threshold) => engine.maskCounts(threshold),
    });
    Object.assign(state, { memory, finished, checkedAt: state.step });
  }

  /** Asks for the stretch's sums, and the DReLUs where masks are being trained; the loop does not wait for the answer. */
  async #readStretch(engine: Engine, planned: PlannedPhase, settings: StepSettings, drelus: number): Promise<Stretch> {
    const { step, epoch, stepInEpoch, gates, experiment } = this.#state;
    const { epsilon } = planned.rule;
    const reading = engine.metrics();
    const counting = epsilon === undefined ? null : engine.maskCounts(epsilon);
    const [metrics, counts] = await Promise.all([reading, counting]);
    return {
      metrics,
      at: this.#now(),
      step,
      epoch,
      stepInEpoch,
      learningRate: settings.learningRate,
      lambda: epsilon === undefined ? null : settings.lambda,
      drelus: counts ? drelusFromMaskCounts(experiment.network, gates, counts) : drelus,
    };
  }

  /** While masks are trained the count moves with each reading; else it is the gates' own. */
  #drelusNow(planned: PlannedPhase): number {
    const { gates, memory, experiment } = this.#state;
    if (planned.rule.epsilon !== undefined) return memory.count;
    return countsOfWeights(experiment.network, gates, this.#tensors.weights).total.drelus;
  }

  async #pause(
    engine: Engine,
    planned: PlannedPhase,
    drelus: number,
    settleStretch: () => Promise<void>,
  ): Promise<void> {
    await settleStretch();
    const metrics = await engine.metrics(false);
    const { step, epoch, stepInEpoch } = this.#state;
    const { lambda } = planned.rule.numbers(this.#state.memory, this.#position());
    this.#recorder.peek({
      metrics,
      at: this.#now(),
      step,
      epoch,
      stepInEpoch,
      learningRate: learningRateAt(planned.phase, epoch),
      lambda: planned.rule.epsilon === undefined ? null : lambda,
      drelus,
    });
    this.#status('paused');
  }

  #resumed(): void {
    this.#status('running');
    this.#recorder.start(this.#now());
  }

  // ------------------------------------------------------------------ the end of an epoch

  async #endEpoch(planned: PlannedPhase, engine: Engine, elapsed: () => number): Promise<void> {
    const state = this.#state;
    const { rule } = planned;
    state.epochSeconds = elapsed();
    await this.#snapshot(engine);
    this.#status('evaluating');
    try {
      const position = this.#position();
      const lastStep = { ...position, stepInEpoch: Math.max(0, position.stepInEpoch - 1) };
      const { soft, lambda } = rule.numbers(state.memory, lastStep);
      const validation = await this.#evaluate(engine, this.#data.validation, soft);
      const byTest = state.experiment.selection === 'paper';
      let test = byTest ? await this.#evaluate(engine, this.#data.test, soft) : null;
      this.#rememberBest(planned, validation, test);
      const last = state.epoch + 1 >= planned.phase.epochs || state.finished;
      let kept = this.#tensors.weights;
      if (last) {
        kept = this.#keptWeights(planned, validation);
        if (kept !== this.#tensors.weights) engine.setWeights(this.#fitting(kept, state.gates));
        if (!state.kept!.test) state.kept!.test = await this.#evaluate(engine, this.#data.test, soft);
        if (!byTest) test = state.kept!.test;
      }
      this.#record(planned, {
        validation,
        test,
        lambda,
        softness: rule.softness?.(lastStep) ?? null,
        seconds: elapsed(),
      });
      state.trained = true;
      if (last) this.#tensors.weights = kept;
      if (last && planned.info.method === null) this.#denseDone(planned);
    } catch (error) {
      if (!this.#control.stopping) throw error;
      await this.#write();
      throw new Stopped();
    }
    state.seconds += elapsed();
    Object.assign(state, { epoch: state.epoch + 1, stepInEpoch: 0, epochSeconds: 0, sums: NO_SUMS });
    if (state.epoch < planned.phase.epochs && !state.finished) {
      await this.#write();
      this.#stopHere();
      this.#status('running');
      this.#recorder.start(this.#now());
    }
  }

  #record(
    planned: PlannedPhase,
    seen: Pick<EpochRecord, 'validation' | 'test' | 'softness' | 'seconds'> & { lambda: number },
  ): void {
    const state = this.#state;
    const { epsilon } = planned.rule;
    const { total } = countsOfWeights(state.experiment.network, state.gates, this.#tensors.weights, epsilon);
    const record: EpochRecord = {
      phase: planned.info.id,
      epoch: state.epoch,
      step: state.step,
      seconds: seen.seconds,
      train: this.#recorder.epochMeans(),
      validation: seen.validation,
      test: seen.test,
      drelus: total.drelus,
      multiplications: total.multiplications,
      learningRate: learningRateAt(planned.phase, state.epoch),
      lambda: epsilon === undefined ? null : seen.lambda,
      softness: seen.softness,
    };
    state.history.epochs.push(record);
    this.#emit({ type: 'epoch', record });
  }

  /** How this phase selects: the experiment's way, unless its split is empty or the phase's last state goes on. */
  #selectedBy(planned: PlannedPhase): RunResult['selected']['by'] {
    const { selection } = this.#state.experiment;
    if (!planned.rule.selects) return 'last';
    if (selection === 'validation' && this.#data.validation.length === 0) return 'last';
    if (selection === 'paper' && this.#data.test.length === 0) return 'last';
    return selection;
  }

  /** Higher accuracy, at equal accuracy lower loss, at equal loss the earlier epoch. */
  #rememberBest(planned: PlannedPhase, validation: Evaluation | null, test: Evaluation | null): void {
    const by = this.#selectedBy(planned);
    if (by === 'last') return;
    const state = this.#state;
    const split = by === 'paper' ? 'test' : 'validation';
    const now = (split === 'test' ? test : validation)!;
    const best = state.best?.[split] ?? null;
    const better = !best || now.accuracy > best.accuracy || (now.accuracy === best.accuracy && now.loss < best.loss);
    if (!better) return;
    state.best = { epoch: state.epoch, validation, test };
    this.#tensors.best = this.#tensors.weights;
  }

  /** At the end of a phase: the weights that go on, and what was measured of them. */
  #keptWeights(planned: PlannedPhase, validation: Evaluation | null): TensorMap {
    const state = this.#state;
    const by = this.#selectedBy(planned);
    const { id } = planned.info;
    if (by === 'last' || !state.best || !this.#tensors.best) {
      state.kept = { selected: { phase: id, epoch: state.epoch, by: 'last' }, validation, test: null };
      return this.#tensors.weights;
    }
    const { epoch, validation: bestValidation, test } = state.best;
    state.kept = { selected: { phase: id, epoch, by }, validation: bestValidation, test };
    return this.#tensors.best;
  }

  /** A phase of no epochs still leaves a network: its accuracies are measured as it stands. */
  async #concludeWithoutEpochs(planned: PlannedPhase, engine: Engine): Promise<void> {
    this.#status('evaluating');
    const validation = await this.#evaluate(engine, this.#data.validation, null);
    const test = await this.#evaluate(engine, this.#data.test, null);
    this.#state.kept = { selected: { phase: planned.info.id, epoch: 0, by: 'last' }, validation, test };
  }

  /** The dense network is the teacher of all that follows. */
  #denseDone(planned: PlannedPhase): void {
    const state = this.#state;
    this.#tensors.teacher = this.#tensors.weights;
    state.teacherGates = state.gates;
    if (planned.info.kind === 'dense') state.denseTestAccuracy = state.kept?.test?.accuracy ?? null;
  }

  async #evaluate(engine: Engine, indices: Uint32Array, soft: StepSettings['soft']): Promise<Evaluation | null> {
    if (indices.length === 0) return null;
    this.#stopHere();
    return engine.evaluate(indices, { soft, signal: this.#control.signal });
  }

  // ------------------------------------------------------------------ checkpoints and the result

  async #snapshot(engine: Engine): Promise<void> {
    this.#tensors.weights = await engine.weights();
    this.#tensors.optimizer = await engine.optimizerState();
  }

  /** The present state and the tensors of the last snapshot. */
  checkpoint(): Checkpoint {
    return { state: this.#state, tensors: this.#tensors };
  }

  async #write(): Promise<void> {
    if (this.#options.storage) await this.#options.storage.write(encodeCheckpoint(this.checkpoint()));
    this.#lastSaved = this.#now();
  }

  #finished(): FinishedRun {
    const state = this.#state;
    const { experiment, gates, kept } = state;
    const { weights } = this.#tensors;
    const { total } = countsOfWeights(experiment.network, gates, weights);
    const { mean, std } = this.#data.images;
    return {
      experiment,
      gates,
      weights: this.#fitting(weights, gates),
      result: {
        drelus: total.drelus,
        multiplications: total.multiplications,
        macs: total.macs,
        testAccuracy: kept?.test?.accuracy ?? null,
        validationAccuracy: kept?.validation?.accuracy ?? null,
        denseTestAccuracy: state.denseTestAccuracy,
        selected: kept!.selected,
      },
      dataset: {
        trainImages: this.#data.train.length,
        validationImages: this.#data.validation.length,
        testImages: this.#data.test.length,
        mean,
        std,
      },
    };
  }
}

/** A promise that is awaited later, or not at all once something else has failed. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function freshState(experiment: Experiment, start: WarmStart | null): RunState {
  return {
    experiment,
    phase: 0,
    begun: false,
    epoch: 0,
    stepInEpoch: 0,
    step: 0,
    checkedAt: -1,
    finished: false,
    memory: {},
    gates: start?.gates ?? {},
    teacherGates: null,
    trained: start !== null,
    startedWithGates: start !== null && Object.values(start.gates).some((gate) => gate.kind !== 'relu'),
    sums: NO_SUMS,
    best: null,
    kept: null,
    denseTestAccuracy: start?.denseTestAccuracy ?? null,
    seconds: 0,
    epochSeconds: 0,
    history: { phases: [], steps: [], epochs: [], switches: [], warnings: [] },
  };
}

const freshTensors = (experiment: Experiment, start: WarmStart | null): RunTensors => ({
  weights: start?.weights ?? initialWeights(experiment.network, seedFor(experiment.seed, 'weights')),
  optimizer: null,
  best: null,
  teacher: null,
});
