/**
 * What all parts of a run share: its state and tensors, the plan, the data, who hears of it and who may stop it.
 */
import { parametersOf } from '../domain/network.ts';
import type { GateMap } from '../domain/gateMap.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import type { Engine, EngineSettings, Evaluation, HostTensor, StepSettings, TensorMap } from '../engine/api.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import { Control, Stopped } from './control.ts';
import { CheckpointError, PlanError } from './errors.ts';
import type { PhaseInfo, RunEvent, RunStatus } from './events.ts';
import type { PlannedPhase, Position } from './methods/rule.ts';
import { phaseInfos, planPhases } from './plan.ts';
import { Recorder } from './recorder.ts';
import { epochOrder, seedFor } from './seeds.ts';
import { freshState, freshTensors, type RunState, type RunTensors } from './state.ts';
import { checkData, type TrainingData } from './trainingData.ts';
import type { TrainerOptions } from './trainer.ts';

export class Run {
  readonly state: RunState;
  readonly tensors: RunTensors;
  readonly plan: PlannedPhase[];
  readonly infos: PhaseInfo[];
  readonly data: TrainingData;
  readonly recorder: Recorder;
  readonly control: Control;
  readonly now: () => number;
  /** Clock at the last checkpoint. */
  lastSaved: number;
  readonly #options: TrainerOptions;

  /** @throws PlanError, CheckpointError where the experiment cannot be run with this data or start. */
  constructor(options: TrainerOptions) {
    const { experiment, resume, start, data } = options;
    if (resume && JSON.stringify(resume.state.experiment) !== JSON.stringify(experiment))
      throw new CheckpointError('The checkpoint is of another experiment.');
    checkData(data, experiment);
    this.#options = options;
    this.control = new Control(options.paused);
    this.now = options.now ?? (() => performance.now());
    this.state = resume ? structuredClone(resume.state) : freshState(experiment, start ?? null);
    this.tensors = resume ? { ...resume.tensors } : freshTensors(experiment, start ?? null);
    this.data = data;
    this.plan = planPhases(experiment, this.state.startedWithGates);
    this.infos = phaseInfos(this.plan, data.train.length);
    this.state.history.phases = this.infos;
    this.recorder = new Recorder(this.state, options.emit, this.plan, (phase) => this.infos[phase].stepsPerEpoch);
    this.lastSaved = this.now();
  }

  /** Seconds between checkpoints inside an epoch. */
  get checkpointSeconds(): number {
    return this.#options.checkpointSeconds ?? 60;
  }

  emit(event: RunEvent): void {
    this.#options.emit(event);
  }

  status(status: RunStatus, detail?: string): void {
    this.emit({ type: 'status', status, ...(detail === undefined ? {} : { detail }) });
  }

  warn(message: string): void {
    this.state.history.warnings.push(message);
    this.emit({ type: 'warning', message });
  }

  /** Ends the run here if a stop was asked for: only where the last checkpoint leads to this very point. */
  stopHere(): void {
    if (this.control.stopping) throw new Stopped();
  }

  position(): Position {
    const { epoch, stepInEpoch, phase } = this.state;
    return {
      epoch,
      stepInEpoch,
      epochs: this.plan[phase].phase.epochs,
      stepsPerEpoch: this.infos[phase].stepsPerEpoch,
    };
  }

  /** Whether the phase distils: it wants to, and there is a teacher. */
  distils(planned: PlannedPhase): boolean {
    return planned.distillation !== null && this.tensors.teacher !== null;
  }

  /** Takes the engine's weights and moments into the run's tensors. */
  async snapshot(engine: Engine): Promise<void> {
    this.tensors.weights = await engine.weights();
    this.tensors.optimizer = await engine.optimizerState();
  }

  /** Writes a checkpoint of the state and the tensors of the last snapshot. */
  async write(): Promise<void> {
    const { storage } = this.#options;
    if (storage) await storage.write(encodeCheckpoint({ state: this.state, tensors: this.tensors }));
    this.lastSaved = this.now();
  }

  /** Only the tensors that a network with these gates has. */
  fitting(weights: TensorMap, gates: GateMap): TensorMap {
    const { network } = this.state.experiment;
    const names = [
      ...parametersOf(network).map(({ name }) => name),
      ...gateParametersOf(network, gates).map(({ name }) => name),
    ];
    return new Map(names.flatMap((name) => (weights.has(name) ? [[name, weights.get(name)!]] : [])));
  }

  async #createEngine(settings: Omit<EngineSettings, 'network' | 'f16'>): Promise<Engine> {
    const { network, engine } = this.state.experiment;
    return this.#options.createEngine({ network, f16: engine.f16, ...settings }, (done, total) =>
      this.emit({ type: 'compiling', done, total, what: 'tuning' }),
    );
  }

  /** An engine for a phase, compiled, with data, weights and teacher in place. The caller disposes of it. */
  async openEngine(planned: PlannedPhase, gates: GateMap, weights: TensorMap): Promise<Engine> {
    const { microBatch } = this.state.experiment.engine;
    const { batch } = planned.phase;
    const cut = microBatch !== null && microBatch < batch;
    if (cut && batch % microBatch !== 0)
      throw new PlanError(
        `engine.microBatch ${microBatch} does not divide the batch of ${batch} (${planned.info.title}).`,
      );
    this.status('compiling', planned.info.title);
    const teacher = this.distils(planned);
    const engine = await this.#createEngine({ gates, batch, teacher, ...(cut ? { microBatch } : {}) });
    try {
      engine.setData(this.data.images);
      engine.setWeights(this.fitting(weights, gates));
      const { teacherGates } = this.state;
      if (teacher) engine.setTeacher(this.fitting(this.tensors.teacher!, teacherGates!), teacherGates!);
      await engine.compile((done, total) => this.emit({ type: 'compiling', done, total, what: 'shaders' }));
    } catch (error) {
      engine.dispose();
      throw error;
    }
    this.emit({ type: 'memory', bytes: engine.memory.bytes, limit: this.#options.memoryLimit ?? null });
    return engine;
  }

  /** Pre-activations on the first images of a fixed draw, with the gates and weights of the phase before. */
  async patterns(sites: string[], images: number): Promise<Map<string, HostTensor>> {
    const { gates, experiment } = this.state;
    const engine = await this.#createEngine({ gates, batch: images });
    try {
      engine.setData(this.data.images);
      engine.setWeights(this.fitting(this.tensors.weights, gates));
      const draw = epochOrder(this.data.train, seedFor(experiment.seed, 'patterns'), 'patterns', 0);
      const found = new Map<string, HostTensor>();
      for (const site of sites) found.set(site, await engine.preActivations(site, draw.slice(0, images)));
      return found;
    } finally {
      engine.dispose();
    }
  }

  /** Null where the split is empty; ends early on a stop. */
  async evaluate(engine: Engine, indices: Uint32Array, soft: StepSettings['soft']): Promise<Evaluation | null> {
    if (indices.length === 0) return null;
    this.stopHere();
    return engine.evaluate(indices, { soft, signal: this.control.signal });
  }
}
