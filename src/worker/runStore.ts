/**
 * Runs in the browser's private file system (OPFS), one folder each:
 *
 *   runs/{id}/run.json                  the RunSummary
 *             history.json              its history
 *             checkpoint.json, checkpoint-{0,1}.safetensors   the state to continue from (training/checkpointSlots.ts)
 *             start.safetensors         the network that the run was started from, where it was
 *             masks.json, model.safetensors   its results
 *
 * A new version of a file replaces the old one only when it is complete (createWritable), so closing the tab never leaves a damaged
 * file. Removing a run marks it; it is deleted when the store is next opened.
 */
import { z } from 'zod';
import { experimentSchema } from '../domain/experiment.ts';
import { decodeCheckpoint } from '../training/checkpoint.ts';
import { CheckpointSlots, type FoundCheckpoint } from '../training/checkpointSlots.ts';
import type { RunState } from '../training/state.ts';
import type { RunHistory, RunSummary } from './protocol.ts';

/** A missing run, or storage that cannot be written; the message says what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

const count = z.int().min(0);
const share = z.number().min(0).max(1);

const storedSchema = z.object({
  id: z.string().regex(/^[\w-]+$/),
  name: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  status: z.enum(['running', 'paused', 'done', 'stopped', 'failed', 'interrupted']),
  experiment: experimentSchema,
  drelus: count.nullable(),
  multiplications: count.nullable(),
  testAccuracy: share.nullable(),
  validationAccuracy: share.nullable(),
  seconds: z.number().min(0),
  checkpointStep: count.nullable(),
  /** Set when removed; the run is deleted when the store is next opened. */
  removed: z.boolean().default(false),
});
type Stored = z.infer<typeof storedSchema>;

/** Histories are written by this program; only their outer structure is checked. */
const historySchema = z.object({
  phases: z.array(z.unknown()),
  steps: z.array(z.unknown()),
  epochs: z.array(z.unknown()),
  switches: z.array(z.unknown()),
  warnings: z.array(z.string()),
});

const RUN = 'run.json';
const HISTORY = 'history.json';
const START = 'start.safetensors';
const MASKS = 'masks.json';
const WEIGHTS = 'model.safetensors';

export interface StoredResult {
  masks: string;
  /** null: imported without them. */
  weights: Uint8Array<ArrayBuffer> | null;
}

const isMissing = (error: unknown) => error instanceof Error && error.name === 'NotFoundError';

function summaryOf(stored: Stored): RunSummary {
  const { removed, ...summary } = stored;
  void removed;
  return summary;
}

export class RunStore {
  private constructor(private readonly root: FileSystemDirectoryHandle) {}

  /** Opens the store below `base` and deletes what was removed before. */
  static async open(base: FileSystemDirectoryHandle): Promise<RunStore> {
    const store = new RunStore(await base.getDirectoryHandle('runs', { create: true }));
    for (const run of await store.all()) if (run.removed) await store.delete(run.id);
    return store;
  }

  // ------------------------------------------------------------------ files

  private async folder(run: string, create = false): Promise<FileSystemDirectoryHandle> {
    try {
      return await this.root.getDirectoryHandle(run, { create });
    } catch (error) {
      if (isMissing(error)) throw new StorageError('This run is no longer in this browser.');
      throw error;
    }
  }

  private async write(run: string, file: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const folder = await this.folder(run, true);
    const handle = await folder.getFileHandle(file, { create: true });
    try {
      const stream = await handle.createWritable();
      try {
        await stream.write(content);
        await stream.close();
      } catch (error) {
        await stream.abort().catch(() => {});
        throw error;
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'QuotaExceededError')
        throw new StorageError('The browser has no space left for this run: remove runs or data sets.');
      throw error;
    }
  }

  private async read(run: string, file: string): Promise<File | null> {
    try {
      const folder = await this.folder(run);
      return await (await folder.getFileHandle(file)).getFile();
    } catch (error) {
      if (isMissing(error) || error instanceof StorageError) return null;
      throw error;
    }
  }

  private async readJson(run: string, file: string): Promise<unknown> {
    const found = await this.read(run, file);
    if (!found) return null;
    try {
      return JSON.parse(await found.text()) as unknown;
    } catch {
      return null;
    }
  }

  // ------------------------------------------------------------------ runs

  private async stored(run: string): Promise<Stored | null> {
    const parsed = storedSchema.safeParse(await this.readJson(run, RUN));
    return parsed.success ? parsed.data : null;
  }

  /** Every readable run; folders of another version or incomplete ones are skipped. */
  private async all(): Promise<Stored[]> {
    const runs: Stored[] = [];
    for await (const name of this.root.keys()) {
      const run = await this.stored(name);
      if (run) runs.push(run);
    }
    return runs;
  }

  /** Newest first. */
  async list(): Promise<RunSummary[]> {
    const runs = (await this.all()).filter(({ removed }) => !removed);
    return runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).map(summaryOf);
  }

  /** @throws StorageError where there is no such run. */
  async get(run: string): Promise<RunSummary> {
    const found = await this.stored(run);
    if (!found || found.removed) throw new StorageError('This run is no longer in this browser.');
    return summaryOf(found);
  }

  async save(summary: RunSummary): Promise<void> {
    await this.write(summary.id, RUN, JSON.stringify({ ...summary, removed: false } satisfies Stored));
  }

  async mark(run: string, removed: boolean): Promise<void> {
    const found = await this.stored(run);
    if (!found) throw new StorageError('This run is no longer in this browser.');
    await this.write(run, RUN, JSON.stringify({ ...found, removed } satisfies Stored));
  }

  async delete(run: string): Promise<void> {
    await this.root.removeEntry(run, { recursive: true }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  // ------------------------------------------------------------------ files of a run

  async saveHistory(run: string, history: RunHistory): Promise<void> {
    await this.write(run, HISTORY, JSON.stringify(history));
  }

  async history(run: string): Promise<RunHistory> {
    const parsed = historySchema.safeParse(await this.readJson(run, HISTORY));
    return parsed.success
      ? (parsed.data as RunHistory)
      : { phases: [], steps: [], epochs: [], switches: [], warnings: [] };
  }

  private async bytes(run: string, file: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const found = await this.read(run, file);
    return found ? new Uint8Array(await found.arrayBuffer()) : null;
  }

  private async removeFile(run: string, file: string): Promise<void> {
    const folder = await this.folder(run);
    await folder.removeEntry(file).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  private slots(run: string): CheckpointSlots {
    return new CheckpointSlots({
      read: (name) => this.bytes(run, name),
      write: (name, content) => this.write(run, name, content),
      remove: (name) => this.removeFile(run, name),
    });
  }

  /** Where the trainer writes; `written` is called with the step of each checkpoint once it is on disk. */
  checkpoints(
    run: string,
    written: (step: number) => Promise<void>,
  ): {
    write: (bytes: Uint8Array<ArrayBuffer>, state: Pick<RunState, 'step'>) => Promise<void>;
  } {
    const slots = this.slots(run);
    return {
      write: async (bytes, state) => {
        await slots.write(bytes, state);
        await written(state.step);
      },
    };
  }

  /** Keeps the network that a run starts from, as a checkpoint at step 0. */
  async saveStart(run: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.write(run, START, bytes);
  }

  /**
   * The latest usable checkpoint, or the run's start where it was started from a network, or null.
   * @throws CheckpointError where there are checkpoints and none can be used
   */
  async checkpoint(run: string): Promise<FoundCheckpoint | null> {
    return (await this.slots(run).read()) ?? this.start(run);
  }

  private async start(run: string): Promise<FoundCheckpoint | null> {
    const bytes = await this.bytes(run, START);
    return bytes && { checkpoint: decodeCheckpoint(bytes), note: null };
  }

  /** Removes the checkpoints, so that the run can be trained again from its start. */
  async restart(run: string): Promise<void> {
    await this.slots(run).remove();
  }

  /** Removes what only an unfinished run needs. */
  async dropCheckpoint(run: string): Promise<void> {
    await this.slots(run).remove();
    await this.removeFile(run, START);
  }

  async saveResult(run: string, { masks, weights }: StoredResult): Promise<void> {
    if (weights) await this.write(run, WEIGHTS, weights);
    await this.write(run, MASKS, masks);
  }

  /** @throws StorageError where the run has no masks */
  async result(run: string): Promise<StoredResult> {
    const masks = await this.read(run, MASKS);
    if (!masks) throw new StorageError('This run has no masks yet: they are written when it is done.');
    const weights = await this.read(run, WEIGHTS);
    return { masks: await masks.text(), weights: weights ? new Uint8Array(await weights.arrayBuffer()) : null };
  }
}
