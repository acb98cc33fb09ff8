/**
 * The trainer: takes a run through its planned phases, epoch by epoch and step by step.
 *
 *   begin phase ──▶ steps of an epoch ──▶ check ──▶ evaluate ──▶ next epoch …  ──▶ next phase … ──▶ done
 *
 * The run's value (`Checkpoint`) holds all that it needs to go on. Checkpoints are written between stretches of steps, after
 * epochs and between phases, at most for 1% of the time; from each of them the run continues bit for bit as if it had not been interrupted.
 */
import type { Engine } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import { RunStopped } from './control.ts';
import { CheckpointError } from './errors.ts';
import { fittingWeights } from './engines.ts';
import { concludeWithoutEpochs, endEpoch } from './epochEnd.ts';
import { EpochSteps } from './epochSteps.ts';
import type { PlannedPhase } from './methods/rule.ts';
import type { FinishedRun, RunOutcome, TrainerOptions } from './options.ts';
import { beginPhase, continuePhase } from './phaseStart.ts';
import { dataChange, dataRecordOf, deviceChange } from './provenance.ts';
import { Run } from './run.ts';
import type { RunState } from './state.ts';
import { shortfalls } from './trainingData.ts';
import { phaseEnded, phaseGoesOn, provenanceRecorded } from './transitions.ts';

export type { FinishedRun, RunOutcome, TrainerOptions } from './options.ts';
export type { WarmStart } from './state.ts';

export class Trainer {
  readonly #run: Run;
  readonly #resumed: boolean;

  /** @throws PlanError, CheckpointError where the experiment cannot be run with this data or start. */
  constructor(options: TrainerOptions) {
    this.#run = new Run(options);
    this.#resumed = Boolean(options.resume);
  }

  /** Takes effect after the current step. */
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
  /** Completes the current stretch of steps, writes a checkpoint and ends `run` with "stopped". */
  stop(): void {
    this.#run.control.stop();
  }

  /** The state as of now: a value that later steps do not modify. */
  get state(): RunState {
    return this.#run.state;
  }

  /** Runs to the end, a stop or a failure; never rejects. To be called once. */
  async run(): Promise<RunOutcome> {
    const run = this.#run;
    try {
      run.status('preparing');
      run.emit({ type: 'plan', phases: [...run.infos] });
      await this.#recordProvenance();
      if (!this.#resumed) {
        this.#warnOfData();
        await run.write();
      }
      while (run.state.phase < run.plan.length) {
        run.control.throwIfStopping();
        await this.#trainPhase(run.plan[run.state.phase]);
      }
      await run.written();
      const finished = this.#finished();
      run.emit({ type: 'done', result: finished.result });
      run.status('done');
      return { status: 'done', finished };
    } catch (cause) {
      return this.#failed(await this.#settled(cause));
    }
  }

  /** What the run ended by, once everything is written; a checkpoint that cannot be written turns a stop into a failure. */
  async #settled(cause: unknown): Promise<unknown> {
    // What was traced before a failure is of use; an error of writing it is the failure itself, or comes after it.
    await this.#run.trace?.flush().catch(() => undefined);
    try {
      await this.#run.written();
      return cause;
    } catch (error) {
      return cause instanceof RunStopped ? error : cause;
    }
  }

  #failed(cause: unknown): RunOutcome {
    const run = this.#run;
    if (cause instanceof RunStopped) {
      run.status('stopped');
      return { status: 'stopped' };
    }
    const error = cause instanceof Error ? cause : new Error(String(cause));
    run.emit({ type: 'failed', name: error.name, message: error.message });
    run.status('failed', error.message);
    return { status: 'failed', error };
  }

  /**
   * Records data and device. A resumed run must have the data that it was trained with; another device is allowed and
   * announced.
   * @throws CheckpointError naming what changed
   */
  async #recordProvenance(): Promise<void> {
    const run = this.#run;
    const before = run.state;
    const data = await dataRecordOf(run.data);
    const change = before.data && dataChange(before.data, data);
    if (change)
      throw new CheckpointError(
        `This run was trained with other data (${change}). Load the same data set to continue it, or start a new run.`,
      );
    const adapter = run.options.adapter?.();
    if (adapter === undefined) {
      run.apply((state) => provenanceRecorded(state, { data }));
      return;
    }
    const device = { adapter, tiles: before.device?.tiles ?? null };
    const differs = before.device && deviceChange(before.device, device);
    if (differs) run.warn(differs);
    run.apply((state) => provenanceRecorded(state, { data, device }));
  }

  #warnOfData(): void {
    const { state, data } = this.#run;
    const { selection } = state.experiment;
    for (const sentence of shortfalls(data, state.experiment)) this.#run.warn(sentence);
    if (selection === 'validation' && data.validation.length === 0)
      this.#run.warn('There is no validation split: the last epoch of each phase is kept.');
    const { microBatch } = state.experiment.engine;
    if (microBatch !== null && this.#run.plan.some(({ phase }) => microBatch < phase.batch))
      this.#run.warn(
        `Micro-batches of ${microBatch} images: batch normalization uses the statistics of each micro-batch, not of the whole batch.`,
      );
    if (selection === 'paper')
      this.#run.warn(
        data.test.length === 0
          ? 'There are no test images: the last epoch of each phase is kept.'
          : 'Paper protocol: the best test epoch is kept, a selection on test data.',
      );
  }

  async #trainPhase(phase: PlannedPhase): Promise<void> {
    const run = this.#run;
    run.recorder.beginPhase();
    const engine = run.state.begun ? await continuePhase(run, phase) : await beginPhase(run, phase);
    try {
      await this.#trainEpochs(phase, engine);
    } finally {
      engine.dispose();
    }
    const { phase: index, kept, step } = run.state;
    const selected = kept?.selected ?? null;
    await run.trace?.phaseEnded(index, {
      selectedEpoch: selected === null || selected.by === 'last' ? null : selected.epoch,
      endedAtStep: step,
    });
    run.set(phaseEnded(run.value));
    await run.write();
  }

  async #trainEpochs(phase: PlannedPhase, engine: Engine): Promise<void> {
    const run = this.#run;
    run.status('running');
    run.recorder.start(run.now());
    while (phaseGoesOn(run.state, phase.phase.epochs)) {
      const steps = new EpochSteps(run, phase, engine);
      await steps.run();
      await endEpoch(run, phase, engine, () => steps.seconds);
    }
    if (run.state.epoch === 0) await concludeWithoutEpochs(run, phase, engine);
  }

  #finished(): FinishedRun {
    const { state, tensors, data } = this.#run;
    const { experiment, gates, kept, denseTestAccuracy } = state;
    const { network } = experiment;
    const { drelus, multiplications, macs } = countsOfWeights(network, gates, tensors.weights).total;
    const { mean, std } = data.images;
    return {
      experiment,
      gates,
      weights: fittingWeights(network, gates, tensors.weights),
      result: {
        drelus,
        multiplications,
        macs,
        testAccuracy: kept?.test?.accuracy ?? null,
        validationAccuracy: kept?.validation?.accuracy ?? null,
        denseTestAccuracy,
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
