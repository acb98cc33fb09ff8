/** The run that the worker trains: its summary, updated by its events, and its storage. */
import type { RunEvent } from '../training/events.ts';
import type { Trainer } from '../training/trainer.ts';
import type { RunSummary } from './protocol.ts';
import type { RunStore } from './runStore.ts';

/** Minimum time between two writes of summary and history during training, in milliseconds. */
const SAVE_INTERVAL = 5000;

const ENDED: ReadonlySet<string> = new Set(['done', 'stopped', 'failed']);

export interface RunHost {
  store: RunStore;
  /** Sends an event of a run to the page. */
  send(run: string, event: RunEvent): void;
  /** Reports that the list of runs has changed. */
  runsChanged(): void;
}

export class ActiveRun {
  trainer: Trainer | null = null;
  /** Requests that arrived before the trainer existed. */
  readonly requested = { paused: false, stopped: false };
  /** Resolves once the run has ended and everything is stored. */
  ended: Promise<void> = Promise.resolve();
  /** The event "done", held back until the masks are stored. */
  result: Extract<RunEvent, { type: 'done' }> | null = null;
  private savedAt = 0;

  /**
   * @param release releases the run's lock
   */
  constructor(
    readonly summary: RunSummary,
    private readonly host: RunHost,
    readonly release: () => void,
  ) {}

  /**
   * Handles an event of the trainer and sends it to the page, except for how the run ended. The runner reports "done" once the masks
   * are stored, and "failed" once it is certain that the device was not lost; after a lost device a new worker resumes the run.
   */
  receive(event: RunEvent): void {
    const { summary } = this;
    if (event.type === 'done') this.result = event;
    if (event.type === 'done' || event.type === 'failed' || (event.type === 'status' && ENDED.has(event.status)))
      return;
    this.host.send(summary.id, event);
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
      if (Date.now() - this.savedAt > SAVE_INTERVAL) void this.save();
      this.host.runsChanged();
    }
  }

  /** @param step of a checkpoint that is on disk */
  async checkpointed(step: number): Promise<void> {
    this.summary.checkpointStep = step;
    await this.save();
  }

  /** Stores summary and history. A failure is sent to the page as a warning, and the run continues. */
  async save(): Promise<void> {
    this.savedAt = Date.now();
    const { summary, trainer } = this;
    try {
      await this.host.store.save(summary);
      if (trainer) await this.host.store.saveHistory(summary.id, trainer.state.history);
    } catch (error) {
      this.host.send(summary.id, {
        type: 'warning',
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** Stores how the run ended. */
  async close(status: 'done' | 'stopped' | 'failed'): Promise<void> {
    const { summary, trainer } = this;
    summary.status = status;
    summary.finishedAt = new Date().toISOString();
    summary.seconds = trainer?.state.seconds ?? summary.seconds;
    await this.save();
  }
}
