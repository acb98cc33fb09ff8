/**
 * Trains one run at a time: starts or resumes it, sends its events to the page, stores summary, history and checkpoints, and releases
 * its lock when it ends.
 */
import { experimentSchema } from '../domain/experiment.ts';
import type { Experiment } from '../domain/experiment.ts';
import { readableIssue } from '../domain/readable.ts';
import { encodeCheckpoint } from '../training/checkpoint.ts';
import type { FoundCheckpoint } from '../training/checkpointSlots.ts';
import { CheckpointError } from '../training/errors.ts';
import type { RunEvent } from '../training/events.ts';
import { exportMasks } from '../training/exportMasks.ts';
import { importMasks } from '../training/importMasks.ts';
import { planPhases } from '../training/plan.ts';
import type { TrainingData } from '../training/trainingData.ts';
import { freshState, freshTensors } from '../training/state.ts';
import type { Checkpoint } from '../training/state.ts';
import { Trainer } from '../training/trainer.ts';
import type { WarmStart } from '../training/trainer.ts';
import { ActiveRun } from './activeRun.ts';
import type { RunHost } from './activeRun.ts';
import { gpu, isLoss, makeEngine, onGpuFailure } from './gpu.ts';
import { heldRuns, holdRun } from './locks.ts';
import type { RequestOf, RunHistory, RunSummary } from './protocol.ts';

const CHECKPOINT_SECONDS = 30;
/** How long a failure waits for a report that the device was lost, in milliseconds. */
const LOSS_TIMEOUT_MS = 250;

/** A request that cannot be fulfilled at present; the message says why. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
}

export interface RunnerHost extends RunHost {
  /** The data set of the experiment, split as it says. */
  data(experiment: Experiment): Promise<TrainingData>;
  /** Reports that the device is lost and the worker unusable. */
  deviceLost(message: string): void;
}

const freshId = () => `${Date.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`;

/** @throws RunnerError naming the field that is wrong. */
function checked(value: unknown): Experiment {
  const parsed = experimentSchema.safeParse(value);
  if (!parsed.success)
    throw new RunnerError(`The experiment cannot be run: ${readableIssue(parsed.error, 'the experiment')}`);
  return parsed.data;
}

export class Runner {
  private active: ActiveRun | null = null;
  private deviceLost = false;
  private starting = false;

  constructor(private readonly host: RunnerHost) {
    onGpuFailure((error) => void this.deviceFailed(error));
  }

  /** A run is training or paused: nothing else may use the GPU. */
  get busy(): boolean {
    return this.active !== null;
  }

  get current(): RunSummary | null {
    return this.active?.summary ?? null;
  }

  // ------------------------------------------------------------------ commands

  async start({ experiment: value, from }: RequestOf<'run:start'>): Promise<{ run: string }> {
    const experiment = checked(value);
    return this.exclusively(async () => {
      const warm = from ? await this.warmStart(from) : null;
      planPhases(experiment, warm !== null && Object.values(warm.gates).some(({ kind }) => kind !== 'relu'));
      const summary: RunSummary = {
        id: freshId(),
        name: experiment.name,
        createdAt: new Date().toISOString(),
        finishedAt: null,
        status: 'running',
        experiment,
        drelus: null,
        multiplications: null,
        testAccuracy: null,
        validationAccuracy: null,
        seconds: 0,
        checkpointStep: null,
      };
      await this.launch(summary, null, warm);
      return { run: summary.id };
    });
  }

  /** Resumes the paused run, or a stored run from its checkpoint (from the start where it has none). */
  async resume(run: string | undefined): Promise<{ run: string }> {
    const { active } = this;
    if (active && (run === undefined || run === active.summary.id)) {
      active.requested.paused = false;
      active.trainer?.resume();
      return { run: active.summary.id };
    }
    if (run === undefined) throw new RunnerError('No run is active.');
    return this.exclusively(() => this.resumeStored(run));
  }

  private async resumeStored(run: string): Promise<{ run: string }> {
    const summary = await this.host.store.get(run);
    if (summary.status === 'done')
      throw new RunnerError('This run is done. Finetune from it instead, which starts a new run.');
    const found = await this.usableCheckpoint(summary);
    await this.launch({ ...summary, status: 'running', finishedAt: null }, found?.checkpoint ?? null, null);
    if (found?.note) this.host.send(run, { type: 'warning', message: found.note });
    return { run };
  }

  /**
   * The checkpoint to continue from. Where none can be used the run is left with none, so that it can be restarted.
   * @throws RunnerError saying so
   */
  private async usableCheckpoint(summary: RunSummary): Promise<FoundCheckpoint | null> {
    const { store } = this.host;
    if (summary.checkpointStep === null) await store.restart(summary.id);
    try {
      return await store.checkpoint(summary.id);
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      await store.save({ ...summary, checkpointStep: null });
      this.host.runsChanged();
      throw new RunnerError(`${cause.message} Restart the run to train it again from its start.`, { cause });
    }
  }

  pause(): void {
    const active = this.activeRun();
    active.requested.paused = true;
    active.trainer?.pause();
  }

  step(): void {
    this.activeRun().trainer?.step();
  }

  async stop(): Promise<void> {
    const active = this.activeRun();
    active.requested.stopped = true;
    active.trainer?.stop();
    await active.ended;
  }

  /** All runs. One that is stored as running while no tab holds its lock was interrupted. */
  async list(): Promise<RunSummary[]> {
    const [runs, held] = await Promise.all([this.host.store.list(), heldRuns()]);
    return runs.map((run) => {
      if (run.id === this.active?.summary.id) return this.active.summary;
      return (run.status === 'running' || run.status === 'paused') && !held.has(run.id)
        ? { ...run, status: 'interrupted' }
        : run;
    });
  }

  async history(run: string): Promise<RunHistory> {
    const { active } = this;
    if (active?.summary.id === run && active.trainer) return structuredClone(active.trainer.state.history);
    return this.host.store.history(run);
  }

  // ------------------------------------------------------------------ a run from start to end

  private assertFree(): void {
    if (this.active) throw new RunnerError(`“${this.active.summary.name}” is training: stop it first.`);
    if (this.starting) throw new RunnerError('Another run is starting.');
  }

  /** Prevents other starts while `begin` is running. */
  private async exclusively<T>(begin: () => Promise<T>): Promise<T> {
    this.assertFree();
    this.starting = true;
    try {
      return await begin();
    } finally {
      this.starting = false;
    }
  }

  private activeRun(): ActiveRun {
    if (!this.active) throw new RunnerError('No run is active.');
    return this.active;
  }

  private async warmStart(from: NonNullable<RequestOf<'run:start'>['from']>): Promise<WarmStart> {
    if ('masks' in from) return importMasks(from.masks, new Uint8Array(from.weights));
    const { masks, weights } = await this.host.store.result(from.run);
    if (!weights)
      throw new RunnerError(
        'This run was imported without its weights: import masks.json and model.safetensors together.',
      );
    return importMasks(masks, weights);
  }

  private async launch(summary: RunSummary, checkpoint: Checkpoint | null, warm: WarmStart | null): Promise<void> {
    const release = await holdRun(summary.id);
    const active = new ActiveRun(summary, this.host, release);
    this.active = active;
    try {
      await this.host.store.save(summary);
      if (warm) await this.storeStart(active, warm);
    } catch (error) {
      this.active = null;
      release();
      throw error;
    }
    // The answer to the page is sent before the first event.
    active.ended = new Promise((resolve) => setTimeout(resolve, 0)).then(() => this.train(active, checkpoint, warm));
  }

  /** Stores the initial weights, so that a run without a checkpoint restarts from them and not from random ones. */
  private async storeStart(active: ActiveRun, warm: WarmStart): Promise<void> {
    const { id, experiment } = active.summary;
    const start = { state: freshState(experiment, warm), tensors: freshTensors(experiment, warm) };
    await this.host.store.saveStart(id, encodeCheckpoint(start));
    await active.checkpointed(0);
  }

  private async train(active: ActiveRun, checkpoint: Checkpoint | null, warm: WarmStart | null): Promise<void> {
    const { experiment, id } = active.summary;
    const emit = (event: RunEvent) => {
      if (this.active === active) active.receive(event);
    };
    try {
      emit({ type: 'status', status: 'preparing', detail: 'Loading images' });
      const data = await this.host.data(experiment);
      emit({ type: 'status', status: 'preparing', detail: 'Opening the GPU' });
      const device = await gpu();
      const trainer = new Trainer({
        experiment,
        data,
        createEngine: makeEngine,
        emit,
        resume: checkpoint,
        start: warm,
        storage: this.host.store.checkpoints(id, (step) => active.checkpointed(step)),
        adapter: () => device.description,
        checkpointSeconds: CHECKPOINT_SECONDS,
        paused: active.requested.paused,
        memoryLimit: device.limits.maxBufferSize,
      });
      active.trainer = trainer;
      if (active.requested.stopped) trainer.stop();
      const outcome = await trainer.run();
      if (outcome.status === 'failed') await this.waitForLoss();
      if (this.active !== active || this.deviceLost) return;
      if (outcome.status === 'failed')
        this.host.send(id, { type: 'failed', name: outcome.error.name, message: outcome.error.message });
      if (outcome.status === 'done') {
        const { finished } = outcome;
        await this.host.store.saveResult(id, await exportMasks(finished, new Date().toISOString()));
        const { drelus, multiplications, testAccuracy, validationAccuracy } = finished.result;
        Object.assign(active.summary, { drelus, multiplications, testAccuracy, validationAccuracy });
        await this.host.store.dropCheckpoint(id);
        active.summary.checkpointStep = null;
      }
      await this.end(active, outcome.status);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      // PlanErrors and missing data occur before the trainer can report them.
      await this.waitForLoss();
      if (this.active !== active || this.deviceLost) return;
      this.host.send(id, { type: 'failed', name: error.name, message: error.message });
      await this.end(active, 'failed');
    }
  }

  /** An operation on a lost device may fail before the loss is reported. */
  private waitForLoss(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, LOSS_TIMEOUT_MS));
  }

  private async end(active: ActiveRun, status: 'done' | 'stopped' | 'failed'): Promise<void> {
    if (this.active !== active || this.deviceLost) return;
    await active.close(status);
    this.active = null;
    active.release();
    if (status === 'done' && active.result) this.host.send(active.summary.id, active.result);
    this.host.send(active.summary.id, { type: 'status', status });
    this.host.runsChanged();
  }

  /** After a lost device, a new worker resumes from the checkpoint. After a refused operation, the run has failed. */
  private async deviceFailed(error: Error): Promise<void> {
    const { active } = this;
    if (isLoss(error)) {
      this.deviceLost = true;
      this.host.deviceLost(error.message);
      return;
    }
    if (active) {
      this.host.send(active.summary.id, { type: 'failed', name: error.name, message: error.message });
      active.trainer?.stop();
      await this.end(active, 'failed');
    }
    this.host.deviceLost(error.message);
  }
}
