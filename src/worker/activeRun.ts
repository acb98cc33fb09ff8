/** A run while it is trained: its summary as the events move it, and what is kept of it in the store. */
import type { RunEvent } from '../training/events.ts';
import type { Trainer } from '../training/trainer.ts';
import type { RunSummary } from './protocol.ts';
import type { RunStore } from './runStore.ts';

/** Least time between two writes of summary and history while training, milliseconds. */
const SAVE_EVERY = 5000;

const OVER: ReadonlySet<string> = new Set(['done', 'stopped', 'failed']);

export interface RunDoors {
  store: RunStore;
  /** Sends an event of a run to the page. */
  tell(run: string, event: RunEvent): void;
  /** The list of runs has changed. */
  changed(): void;
}

export class ActiveRun {
  trainer: Trainer | null = null;
  /** Asked before there was a trainer to ask. */
  readonly wanted = { paused: false, stopped: false };
  /** Settled once the run has ended and all of it is kept. */
  ended: Promise<void> = Promise.resolve();
  /** "done", held back until the masks are written. */
  result: Extract<RunEvent, { type: 'done' }> | null = null;
  private savedAt = 0;

  /**
   * @param release lets go of the run's lock
   */
  constructor(
    readonly summary: RunSummary,
    private readonly doors: RunDoors,
    readonly release: () => void,
  ) {}

  /**
   * Takes in what the trainer says and passes it on, all but how it ended: that is told by the runner, "done" once the masks are
   * written, "failed" once it is sure that the run has failed, rather than lost its device, in which case a fresh worker takes it up.
   */
  hear(event: RunEvent): void {
    const { summary } = this;
    if (event.type === 'done') this.result = event;
    if (event.type === 'done' || event.type === 'failed' || (event.type === 'status' && OVER.has(event.status))) return;
    this.doors.tell(summary.id, event);
    if (event.type === 'status') {
      const status = event.status === 'paused' ? 'paused' : 'running';
      if (status !== summary.status) {
        summary.status = status;
        void this.save();
      }
    }
    if (event.type === 'epoch') {
      const { drelus, multiplications, validation, test } = event.record;
      Object.assign(summary, { drelus, multiplications });
      summary.validationAccuracy = validation?.accuracy ?? summary.validationAccuracy;
      summary.testAccuracy = test?.accuracy ?? summary.testAccuracy;
      summary.seconds = this.trainer?.state.seconds ?? summary.seconds;
      if (Date.now() - this.savedAt > SAVE_EVERY) void this.save();
      this.doors.changed();
    }
  }

  /** @param step of a checkpoint that is on disk */
  async checkpointed(step: number): Promise<void> {
    this.summary.checkpointStep = step;
    await this.save();
  }

  /** Keeps summary and history; where that fails the page is warned and the run goes on. */
  async save(): Promise<void> {
    this.savedAt = Date.now();
    const { summary, trainer } = this;
    try {
      await this.doors.store.save(summary);
      if (trainer) await this.doors.store.saveHistory(summary.id, trainer.state.history);
    } catch (error) {
      this.doors.tell(summary.id, {
        type: 'warning',
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** Keeps how it ended. */
  async close(status: 'done' | 'stopped' | 'failed'): Promise<void> {
    const { summary, trainer } = this;
    summary.status = status;
    summary.finishedAt = new Date().toISOString();
    summary.seconds = trainer?.state.seconds ?? summary.seconds;
    await this.save();
  }
}
