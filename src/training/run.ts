/**
 * A run while it is being trained: the one place that holds its current value, and the effects around it (events, storage, clock,
 * stop requests). The value changes only by the functions of transitions.ts.
 */
import type { Evaluation, StepSettings, Engine, TensorMap } from '../engine/api.ts';
import { checkCheckpoint } from './checkCheckpoint.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import { Control } from './control.ts';
import { checkFinite } from './finite.ts';
import { CheckpointError } from './errors.ts';
import type { PhaseInfo, RunEvent, RunStatus } from './events.ts';
import type { PlannedPhase, Position } from './methods/rule.ts';
import type { TrainerOptions } from './options.ts';
import { phaseInfos, planPhases } from './plan.ts';
import { Recorder } from './recorder.ts';
import { freshState, freshTensors, type Checkpoint, type RunState, type RunTensors } from './state.ts';
import type { TraceWriter } from './trace.ts';
import { checkData, type TrainingData } from './trainingData.ts';
import { planned, snapshotTaken, warned } from './transitions.ts';

/** Seconds between checkpoints inside an epoch. */
const CHECKPOINT_SECONDS = 60;
/** Largest share of the time that checkpoints may hold training up. */
const CHECKPOINT_SHARE = 0.01;

export class Run {
  readonly plan: readonly PlannedPhase[];
  readonly infos: readonly PhaseInfo[];
  readonly data: TrainingData;
  readonly recorder: Recorder;
  readonly control: Control;
  readonly trace: TraceWriter | null;
  readonly now: () => number;
  readonly options: TrainerOptions;
  #value: Checkpoint;
  #lastSaved: number;
  /** How long the last checkpoint held training up: reading the tensors back and encoding them, milliseconds. */
  #readMs = 0;
  #encodeMs = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @throws PlanError, CheckpointError where the experiment cannot be run with this data or start. */
  constructor(options: TrainerOptions) {
    const { experiment, resume, start, data } = options;
    if (resume && JSON.stringify(resume.state.experiment) !== JSON.stringify(experiment))
      throw new CheckpointError('The checkpoint is of another experiment.');
    checkData(data, experiment);
    this.options = options;
    this.control = new Control(options.paused);
    this.now = options.now ?? (() => performance.now());
    this.trace = options.trace ?? null;
    this.data = data;
    const value = resume ?? {
      state: freshState(experiment, start ?? null),
      tensors: freshTensors(experiment, start ?? null),
    };
    this.plan = planPhases(experiment, value.state.startedWithGates);
    const infos = phaseInfos([...this.plan], data.train.length);
    this.infos = infos;
    if (resume) checkCheckpoint(resume, infos.length);
    this.#value = { ...value, state: planned(value.state, infos) };
    this.recorder = new Recorder(this.plan, this.infos);
    this.#lastSaved = this.now();
  }

  // ------------------------------------------------------------------ value

  get value(): Checkpoint {
    return this.#value;
  }
  get state(): RunState {
    return this.#value.state;
  }
  get tensors(): RunTensors {
    return this.#value.tensors;
  }

  /** Replaces the run's value by what a transition made of it. */
  set(value: Checkpoint): void {
    this.#value = value;
  }

  /** Applies a transition of the state alone. */
  apply(transition: (state: RunState) => RunState): void {
    this.#value = { ...this.#value, state: transition(this.#value.state) };
  }

  /** Where the current phase stands. */
  position(): Position {
    const { epoch, stepInEpoch, phase } = this.state;
    const { epochs, stepsPerEpoch } = this.infos[phase];
    return { epoch, stepInEpoch, epochs, stepsPerEpoch };
  }

  /** True where the phase asks for distillation and there is a teacher. */
  distils(phase: PlannedPhase): boolean {
    return phase.distillation !== null && this.tensors.teacher !== null;
  }

  // ------------------------------------------------------------------ effects

  emit(event: RunEvent): void {
    this.options.emit(event);
  }

  status(status: RunStatus, detail?: string): void {
    this.emit({ type: 'status', status, ...(detail === undefined ? {} : { detail }) });
  }

  warn(message: string): void {
    this.apply((state) => warned(state, message));
    this.emit({ type: 'warning', message });
  }

  /**
   * Reads weights and optimizer state from the engine.
   * @param epochSeconds what the epoch has taken so far
   * @throws DivergedError where a value is not finite: such a state reaches no checkpoint
   */
  async snapshot(engine: Engine, epochSeconds: number): Promise<void> {
    // Steps that are still on the queue are training, not a cost of the checkpoint.
    await engine.settle();
    const began = this.now();
    const weights: TensorMap = await engine.weights();
    const optimizer = await engine.optimizerState();
    checkFinite(this.infos[this.state.phase].title, this.state.epoch, weights, optimizer);
    this.set(snapshotTaken(this.value, { weights, optimizer, epochSeconds }));
    this.#readMs = this.now() - began;
  }

  /**
   * True where a checkpoint within the epoch is due: the last one is older than the interval between checkpoints and old enough for
   * its cost, or a stop was requested.
   */
  get checkpointDue(): boolean {
    if (this.control.stopping) return true;
    const interval = 1000 * (this.options.checkpointSeconds ?? CHECKPOINT_SECONDS);
    const elapsed = this.now() - this.#lastSaved;
    return elapsed > interval && (interval === 0 || this.#affordable(elapsed, this.#readMs + this.#encodeMs));
  }

  /** True where a checkpoint at the end of an epoch is worth its cost, or a stop was requested. The tensors are read anyway. */
  get epochCheckpointDue(): boolean {
    return this.control.stopping || this.#affordable(this.now() - this.#lastSaved, this.#encodeMs);
  }

  #affordable(elapsed: number, cost: number): boolean {
    return cost <= CHECKPOINT_SHARE * elapsed;
  }

  /**
   * Begins to write a checkpoint of the value as of the last snapshot; what was traced before it is written first. Resolves once the
   * checkpoint before it is on disk, so that training continues meanwhile. `written` waits for this one too.
   * @throws what an earlier write failed with
   */
  async write(): Promise<void> {
    await this.written();
    this.#lastSaved = this.now();
    const { storage } = this.options;
    if (!storage && !this.trace) return;
    const began = this.now();
    const bytes = storage && encodeCheckpoint(this.value);
    this.#encodeMs = this.now() - began;
    const { state } = this;
    this.#writing = (async () => {
      await this.trace?.flush();
      if (bytes) await storage.write(bytes, state);
    })();
    // An error is thrown by the next `written`.
    this.#writing.catch(() => undefined);
  }

  /** Resolves once every checkpoint is on disk. @throws what a write failed with */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Null where the split is empty. @throws RunStopped where a stop was requested */
  async evaluate(engine: Engine, indices: Uint32Array, soft: StepSettings['soft']): Promise<Evaluation | null> {
    if (indices.length === 0) return null;
    this.control.throwIfStopping();
    return engine.evaluate(indices, { soft, signal: this.control.signal });
  }
}
