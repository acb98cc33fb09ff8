/**
 * The run in hand: starts it, passes its events on, keeps its summary, history and checkpoints in the store, and lets go of its
 * lock when it ends. One at a time.
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
import type { RunDoors } from './activeRun.ts';
import { gpu, isLoss, makeEngine, onGpuFailure } from './gpu.ts';
import { heldRuns, holdRun } from './locks.ts';
import type { RequestOf, RunHistory, RunSummary } from './protocol.ts';

const CHECKPOINT_SECONDS = 30;
/** How long a failure waits for the news that the device was lost, milliseconds. */
const LOSS_MS = 250;

/** Something that cannot be done as things stand; the message says why. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
}

export interface RunnerDoors extends RunDoors {
  /** The data set that the experiment names, cut and split as it says. */
  data(experiment: Experiment): Promise<TrainingData>;
  /** The device is gone: this worker is of no more use. */
  lost(message: string): void;
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

  constructor(private readonly doors: RunnerDoors) {
    onGpuFailure((error) => void this.deviceFailed(error));
  }

  /** The GPU is training (or paused amid training): nothing else may use it. */
  get busy(): boolean {
    return this.active !== null;
  }

  get current(): RunSummary | null {
    return this.active?.summary ?? null;
  }

  // ------------------------------------------------------------------ verbs

  async start({ experiment: value, from }: RequestOf<'run:start'>): Promise<{ run: string }> {
    const experiment = checked(value);
    return this.alone(async () => {
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

  /** Goes on with the paused run in hand, or takes a stored one up from its checkpoint (from the start where it has none). */
  async resume(run: string | undefined): Promise<{ run: string }> {
    const { active } = this;
    if (active && (run === undefined || run === active.summary.id)) {
      active.wanted.paused = false;
      active.trainer?.resume();
      return { run: active.summary.id };
    }
    if (run === undefined) throw new RunnerError('No run is in hand that could go on.');
    return this.alone(() => this.takeUp(run));
  }

  private async takeUp(run: string): Promise<{ run: string }> {
    const summary = await this.doors.store.get(run);
    if (summary.status === 'done')
      throw new RunnerError('This run is done. Finetune from it instead: that begins a new run.');
    const found = await this.usableCheckpoint(summary);
    await this.launch({ ...summary, status: 'running', finishedAt: null }, found?.checkpoint ?? null, null);
    if (found?.note) this.doors.tell(run, { type: 'warning', message: found.note });
    return { run };
  }

  /**
   * The checkpoint to continue from. Where none can be used the run is left with none, so that it can be restarted.
   * @throws RunnerError saying so
   */
  private async usableCheckpoint(summary: RunSummary): Promise<FoundCheckpoint | null> {
    const { store } = this.doors;
    if (summary.checkpointStep === null) await store.restart(summary.id);
    try {
      return await store.checkpoint(summary.id);
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      await store.save({ ...summary, checkpointStep: null });
      this.doors.changed();
      throw new RunnerError(`${cause.message} Restart the run to train it again from its start.`, { cause });
    }
  }

  pause(): void {
    const active = this.held();
    active.wanted.paused = true;
    active.trainer?.pause();
  }

  step(): void {
    this.held().trainer?.step();
  }

  async stop(): Promise<void> {
    const active = this.held();
    active.wanted.stopped = true;
    active.trainer?.stop();
    await active.ended;
  }

  /** Runs as stored; one that says it is running while nobody holds its lock was interrupted. */
  async list(): Promise<RunSummary[]> {
    const [runs, held] = await Promise.all([this.doors.store.list(), heldRuns()]);
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
    return this.doors.store.history(run);
  }

  // ------------------------------------------------------------------ a run from beginning to end

  private free(): void {
    if (this.active) throw new RunnerError(`“${this.active.summary.name}” is being trained: stop it first.`);
    if (this.starting) throw new RunnerError('Another run is being started.');
  }

  /** Nothing else may start while `begin` looks things up. */
  private async alone<T>(begin: () => Promise<T>): Promise<T> {
    this.free();
    this.starting = true;
    try {
      return await begin();
    } finally {
      this.starting = false;
    }
  }

  private held(): ActiveRun {
    if (!this.active) throw new RunnerError('No run is in hand.');
    return this.active;
  }

  private async warmStart(from: NonNullable<RequestOf<'run:start'>['from']>): Promise<WarmStart> {
    if ('masks' in from) return importMasks(from.masks, new Uint8Array(from.weights));
    const { masks, weights } = await this.doors.store.result(from.run);
    if (!weights)
      throw new RunnerError(
        'This run was imported without its weights: import masks.json and model.safetensors together.',
      );
    return importMasks(masks, weights);
  }

  private async launch(summary: RunSummary, checkpoint: Checkpoint | null, warm: WarmStart | null): Promise<void> {
    const release = await holdRun(summary.id);
    const active = new ActiveRun(summary, this.doors, release);
    this.active = active;
    try {
      await this.doors.store.save(summary);
      if (warm) await this.keepStart(active, warm);
    } catch (error) {
      this.active = null;
      release();
      throw error;
    }
    // The answer to the page goes first, events after it.
    active.ended = new Promise((resolve) => setTimeout(resolve, 0)).then(() => this.train(active, checkpoint, warm));
  }

  /** So that a run which ends before its first checkpoint begins once more where it began, and not with a random draw. */
  private async keepStart(active: ActiveRun, warm: WarmStart): Promise<void> {
    const { id, experiment } = active.summary;
    const start = { state: freshState(experiment, warm), tensors: freshTensors(experiment, warm) };
    await this.doors.store.saveStart(id, encodeCheckpoint(start));
    await active.checkpointed(0);
  }

  private async train(active: ActiveRun, checkpoint: Checkpoint | null, warm: WarmStart | null): Promise<void> {
    const { experiment, id } = active.summary;
    const emit = (event: RunEvent) => {
      if (this.active === active) active.hear(event);
    };
    try {
      emit({ type: 'status', status: 'preparing', detail: 'Reading the images' });
      const data = await this.doors.data(experiment);
      emit({ type: 'status', status: 'preparing', detail: 'Opening the GPU' });
      const device = await gpu();
      const trainer = new Trainer({
        experiment,
        data,
        createEngine: makeEngine,
        emit,
        resume: checkpoint,
        start: warm,
        storage: this.doors.store.checkpoints(id, (step) => active.checkpointed(step)),
        adapter: () => device.description,
        checkpointSeconds: CHECKPOINT_SECONDS,
        paused: active.wanted.paused,
        memoryLimit: device.limits.maxBufferSize,
      });
      active.trainer = trainer;
      if (active.wanted.stopped) trainer.stop();
      const outcome = await trainer.run();
      if (outcome.status === 'failed') await this.waitForLoss();
      if (this.active !== active || this.deviceLost) return;
      if (outcome.status === 'failed')
        this.doors.tell(id, { type: 'failed', name: outcome.error.name, message: outcome.error.message });
      if (outcome.status === 'done') {
        const { finished } = outcome;
        await this.doors.store.saveResult(id, await exportMasks(finished, new Date().toISOString()));
        const { drelus, multiplications, testAccuracy, validationAccuracy } = finished.result;
        Object.assign(active.summary, { drelus, multiplications, testAccuracy, validationAccuracy });
        await this.doors.store.dropCheckpoint(id);
        active.summary.checkpointStep = null;
      }
      await this.end(active, outcome.status);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      // PlanErrors and missing data come up before the trainer can tell of them itself.
      await this.waitForLoss();
      if (this.active !== active || this.deviceLost) return;
      this.doors.tell(id, { type: 'failed', name: error.name, message: error.message });
      await this.end(active, 'failed');
    }
  }

  /** What fails because its device is gone may be heard before the loss itself is. */
  private waitForLoss(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, LOSS_MS));
  }

  private async end(active: ActiveRun, status: 'done' | 'stopped' | 'failed'): Promise<void> {
    if (this.active !== active || this.deviceLost) return;
    await active.close(status);
    this.active = null;
    active.release();
    if (status === 'done' && active.result) this.doors.tell(active.summary.id, active.result);
    this.doors.tell(active.summary.id, { type: 'status', status });
    this.doors.changed();
  }

  /** Lost for good: a fresh worker goes on from the checkpoint. An operation refused: the run fails by it. */
  private async deviceFailed(error: Error): Promise<void> {
    const { active } = this;
    if (isLoss(error)) {
      this.deviceLost = true;
      this.doors.lost(error.message);
      return;
    }
    if (active) {
      this.doors.tell(active.summary.id, { type: 'failed', name: error.name, message: error.message });
      active.trainer?.stop();
      await this.end(active, 'failed');
    }
    this.doors.lost(error.message);
  }
}
