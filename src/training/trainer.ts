/**
 * A run: a state machine that walks through the planned phases, epoch by epoch and step by step.
 *
 *   not begun ──begin──▶ steps of an epoch ──▶ check ──▶ evaluate ──▶ next epoch …  ──▶ next phase … ──▶ done
 *
 * Everything it needs to go on stands in `RunState` and `RunTensors`. Checkpoints are written between stretches of steps, after
 * epochs and between phases; from each of them the run goes on bit for bit as if nothing had happened.
 */
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { Engine, EngineSettings, Progress, TensorMap } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import type { CheckpointStorage } from './checkpoint.ts';
import { Stopped } from './control.ts';
import { concludeWithoutEpochs, endEpoch } from './epochEnd.ts';
import { EpochSteps } from './epochSteps.ts';
import type { RunEvent, RunResult } from './events.ts';
import type { PhaseStart, PlannedPhase } from './methods/rule.ts';
import { Run } from './run.ts';
import { NO_SUMS, type Checkpoint, type RunState, type WarmStart } from './state.ts';
import { shortfalls, type TrainingData } from './trainingData.ts';

export type { WarmStart } from './state.ts';

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

export class Trainer {
  readonly #run: Run;
  readonly #resumed: boolean;
  #engine: Engine | null = null;

  /** @throws PlanError, CheckpointError where the experiment cannot be run with this data or start. */
  constructor(options: TrainerOptions) {
    this.#run = new Run(options);
    this.#resumed = Boolean(options.resume);
  }

  /** Takes effect after the step in hand. */
  pause(): void {
    this.#run.control.pause();
  }
  resume(): void {
    this.#run.control.resume();
  }
  /** One more step of a paused run. */
  step(): void {
    this.#run.control.step();
  }
  /** Ends the stretch of steps in hand, writes a checkpoint and ends `run` with "stopped". */
  stop(): void {
    this.#run.control.stop();
  }

  /** The state as it stands; read it only while `run` is not going on. */
  get state(): RunState {
    return this.#run.state;
  }

  /** Runs to the end, a stop or a failure; never rejects. To be called once. */
  async run(): Promise<RunOutcome> {
    const run = this.#run;
    try {
      run.status('preparing');
      run.emit({ type: 'plan', phases: run.infos });
      if (!this.#resumed) {
        this.#firstWarnings();
        await run.write();
      }
      while (run.state.phase < run.plan.length) {
        run.stopHere();
        await this.#phase(run.plan[run.state.phase]);
      }
      const finished = this.#finished();
      run.emit({ type: 'done', result: finished.result });
      run.status('done');
      return { status: 'done', finished };
    } catch (cause) {
      if (cause instanceof Stopped) {
        run.status('stopped');
        return { status: 'stopped' };
      }
      const error = cause instanceof Error ? cause : new Error(String(cause));
      run.emit({ type: 'failed', name: error.name, message: error.message });
      run.status('failed', error.message);
      return { status: 'failed', error };
    } finally {
      this.#close();
    }
  }

  #firstWarnings(): void {
    const { state, data } = this.#run;
    const { selection } = state.experiment;
    for (const sentence of shortfalls(data, state.experiment)) this.#run.warn(sentence);
    if (selection === 'validation' && data.validation.length === 0)
      this.#run.warn('There is no validation split, so that the last epoch of each phase is kept.');
    if (selection === 'paper')
      this.#run.warn(
        data.test.length === 0
          ? 'There are no test images, so that the last epoch of each phase is kept.'
          : 'Paper protocol: the best test epoch is kept, a selection on test data.',
      );
  }

  async #phase(planned: PlannedPhase): Promise<void> {
    const run = this.#run;
    const { state, tensors } = run;
    run.recorder.phase();
    const engine = state.begun ? await this.#goOn(planned) : await this.#begin(planned);
    run.status('running');
    run.recorder.start(run.now());
    // A phase that its check has ended still owes the end of the epoch in hand.
    const owed = () => state.epoch < planned.phase.epochs && !(state.finished && state.stepInEpoch === 0);
    while (owed()) {
      const steps = new EpochSteps(run, planned, engine);
      await steps.walk();
      await endEpoch(run, planned, engine, () => steps.seconds());
    }
    if (planned.phase.epochs === 0) await concludeWithoutEpochs(run, planned, engine);
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
    Object.assign(tensors, { optimizer: null, best: null });
    this.#close();
    await run.write();
  }

  /** Takes up a phase that a checkpoint was written in. */
  async #goOn(planned: PlannedPhase): Promise<Engine> {
    const { state, tensors } = this.#run;
    const engine = await this.#open(planned, state.gates, tensors.weights);
    if (tensors.optimizer) engine.setOptimizerState(tensors.optimizer);
    this.#run.emit({ type: 'phase', phase: this.#run.infos[state.phase] });
    return engine;
  }

  /** Brings in the phase's gates and weights and measures both sides of what changes for good. */
  async #begin(planned: PlannedPhase): Promise<Engine> {
    const run = this.#run;
    const { state, tensors } = run;
    this.#chooseTeacher(planned);
    const start = await planned.rule.begin({
      experiment: state.experiment,
      gates: state.gates,
      weights: tensors.weights,
      trained: state.trained,
      patterns: (sites, images) => {
        run.status('preparing', 'Recording gates to choose prototypes by');
        return run.patterns(sites, images);
      },
    });
    const engine = await this.#open(planned, start.gates, start.weights);
    run.emit({ type: 'phase', phase: run.infos[state.phase] });
    if (start.switch) await this.#measureSwitch(engine, start.switch, start.weights);
    for (const warning of start.warnings ?? []) run.warn(warning);
    tensors.weights = start.weights;
    const { gates, memory } = start;
    Object.assign(state, { gates, memory, begun: true, epoch: 0, stepInEpoch: 0, checkedAt: -1, epochSeconds: 0 });
    return engine;
  }

  async #measureSwitch(engine: Engine, change: NonNullable<PhaseStart['switch']>, weights: TensorMap): Promise<void> {
    const run = this.#run;
    const { gates } = engine.settings;
    run.status('evaluating');
    engine.setWeights(run.fitting(change.before.weights, gates));
    const before = await run.evaluate(engine, run.data.validation, change.before.soft);
    engine.setWeights(run.fitting(weights, gates));
    const after = await run.evaluate(engine, run.data.validation, null);
    const record = { step: run.state.step, what: change.what, before, after };
    run.state.history.switches.push(record);
    run.emit({ type: 'switch', ...record });
  }

  /** Where a method distils and no dense network was trained, the teacher is the network as the method found it. */
  #chooseTeacher(planned: PlannedPhase): void {
    const { state, tensors, plan } = this.#run;
    if (!planned.distillation || tensors.teacher) return;
    if (plan[state.phase - 1]?.info.method === planned.info.method) return;
    if (state.trained) {
      tensors.teacher = tensors.weights;
      state.teacherGates = state.gates;
    } else
      this.#run.warn(
        `${planned.info.title}: nothing has been trained that could be the teacher, so that there is no distillation.`,
      );
  }

  async #open(planned: PlannedPhase, gates: GateMap, weights: TensorMap): Promise<Engine> {
    this.#close();
    this.#engine = await this.#run.openEngine(planned, gates, weights);
    return this.#engine;
  }

  #close(): void {
    this.#engine?.dispose();
    this.#engine = null;
  }

  #finished(): FinishedRun {
    const { state, tensors, data } = this.#run;
    const { experiment, gates, kept } = state;
    const { drelus, multiplications, macs } = countsOfWeights(experiment.network, gates, tensors.weights).total;
    const { mean, std } = data.images;
    return {
      experiment,
      gates,
      weights: this.#run.fitting(tensors.weights, gates),
      result: {
        drelus,
        multiplications,
        macs,
        testAccuracy: kept?.test?.accuracy ?? null,
        validationAccuracy: kept?.validation?.accuracy ?? null,
        denseTestAccuracy: state.denseTestAccuracy,
        selected: kept!.selected,
      },
      dataset: {
        // The whole training part; the validation images are among them.
        trainImages: data.train.length + data.validation.length,
        validationImages: data.validation.length,
        testImages: data.test.length,
        mean,
        std,
      },
    };
  }
}
