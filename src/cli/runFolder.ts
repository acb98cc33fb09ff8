/**
 * The folder of a run:
 *
 *   run.json                 experiment, status, data, adapter, result
 *   metrics.jsonl            one line per epoch, as the trainer reported it
 *   checkpoint.json, checkpoint-0.safetensors, checkpoint-1.safetensors
 *                            where an unfinished run resumes (training/checkpointSlots.ts); removed when the run is done
 *   masks.json, model.safetensors   the result of a finished run
 *   trace/                   of a traced run: every decision and loss (traceFolder.ts)
 *
 * Every file is written under a temporary name and then renamed, so that a crash leaves the old file intact.
 */
import { access, appendFile, constants, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { experimentSchema, type Experiment } from '../domain/experiment.ts';
import { CheckpointSlots, type FoundCheckpoint } from '../training/checkpointSlots.ts';
import { CheckpointError } from '../training/errors.ts';
import type { EpochRecord } from '../training/events.ts';
import { MASKS_FILE, WEIGHTS_FILE, type ExportedFiles } from '../training/exportMasks.ts';
import type { History } from '../training/state.ts';
import { fileSentence, makeFolder, writeWhole } from './files.ts';

const RUN_FILE = 'run.json';
const METRICS_FILE = 'metrics.jsonl';
const TRACE_FOLDER = 'trace';

const runSchema = z.looseObject({
  format: z.literal('relu-studio/run'),
  version: z.literal(1),
  experiment: experimentSchema,
  status: z.enum(['running', 'stopped', 'failed', 'done']),
  createdAt: z.string(),
  /** Identifies the training data, to check that a resumed run uses the same. */
  data: z.union([
    z.looseObject({
      train: z.int(),
      validation: z.int(),
      test: z.int(),
      imagesSha256: z.string(),
      splitSha256: z.string(),
    }),
    // As older versions wrote it: the hash of all labels, then all pixels.
    z.looseObject({ train: z.int(), validation: z.int(), test: z.int(), sha256: z.string() }),
  ]),
  /** Masks file that it started from; null: random weights. */
  from: z.string().nullable(),
  /** True: the run is traced, from its start to its end. */
  trace: z.boolean().optional(),
});

/** The parts of run.json that an export takes along; what is missing or damaged is left out. */
const recordSchema = z
  .object({
    createdAt: z.string().nullable().catch(null),
    finishedAt: z.string().nullable().catch(null),
    seconds: z.number().min(0).catch(0),
    phases: z.array(z.unknown()).catch([]),
    switches: z.array(z.unknown()).catch([]),
    warnings: z.array(z.string()).catch([]),
  })
  .catch({ createdAt: null, finishedAt: null, seconds: 0, phases: [], switches: [], warnings: [] });

export type RunRecord = z.infer<typeof runSchema>;

async function bytesOrNull(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function textOrNull(path: string): Promise<string | null> {
  const bytes = await bytesOrNull(path);
  return bytes && new TextDecoder().decode(bytes);
}

export class RunFolder {
  readonly checkpoints: CheckpointSlots;

  constructor(readonly path: string) {
    this.checkpoints = new CheckpointSlots({
      read: (name) => bytesOrNull(this.#file(name)),
      write: (name, content) => writeWhole(this.#file(name), content),
      remove: (name) => rm(this.#file(name), { force: true }),
    });
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  /** @throws CheckpointError if the folder cannot be created or written to. */
  async create(): Promise<void> {
    try {
      await makeFolder(this.path);
      await access(this.path, constants.W_OK);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const why = (missing ? null : fileSentence(cause, this.path)) ?? `${this.path}: no folder can be created there.`;
      throw new CheckpointError(`--out cannot be written: ${why}`, { cause });
    }
  }

  /** Whether the folder has the record or the masks of a run, finished or not. */
  async holdsRun(): Promise<boolean> {
    return (await textOrNull(this.#file(RUN_FILE))) !== null || (await textOrNull(this.#file(MASKS_FILE))) !== null;
  }

  /**
   * The run that the folder holds, or null.
   * @throws CheckpointError where run.json is there but damaged, or of another experiment.
   */
  async existing(experiment: Experiment): Promise<RunRecord | null> {
    const text = await textOrNull(this.#file(RUN_FILE));
    if (text === null) return null;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = null;
    }
    const parsed = runSchema.safeParse(json);
    if (!parsed.success)
      throw new CheckpointError(`${this.#file(RUN_FILE)} is not a run record: choose another folder for --out.`);
    if (JSON.stringify(parsed.data.experiment) !== JSON.stringify(experiment))
      throw new CheckpointError(
        `${this.path} holds a run of another experiment ("${parsed.data.experiment.name}"): choose another folder for --out.`,
      );
    return parsed.data;
  }

  /** What run.json and metrics.jsonl tell of a finished run, as far as they are there: a masks.json may lie alone. */
  async record(): Promise<{ createdAt: string | null; finishedAt: string | null; seconds: number; history: History }> {
    const json = (text: string): unknown => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return null;
      }
    };
    const { createdAt, finishedAt, seconds, phases, switches, warnings } = recordSchema.parse(
      json((await textOrNull(this.#file(RUN_FILE))) ?? '{}'),
    );
    const lines = ((await textOrNull(this.#file(METRICS_FILE))) ?? '').split('\n').filter((line) => line !== '');
    const epochs = lines.map(json).filter((line): line is EpochRecord => line !== null);
    return {
      createdAt,
      finishedAt,
      seconds,
      history: { phases, steps: [], epochs, switches, warnings } as unknown as History,
    };
  }

  async writeRun(record: RunRecord): Promise<void> {
    await writeWhole(this.#file(RUN_FILE), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** The latest usable checkpoint, or null. @throws CheckpointError where there are checkpoints and none can be used */
  async checkpoint(): Promise<FoundCheckpoint | null> {
    try {
      return await this.checkpoints.read();
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      throw new CheckpointError(
        `${this.path}: ${cause.message} Give --restart to train this run again from its start, or another folder to --out.`,
        { cause },
      );
    }
  }

  /** Rewrites the metrics up to a checkpoint: later epochs will be trained again. */
  async restartMetrics(epochs: EpochRecord[]): Promise<void> {
    await writeWhole(this.#file(METRICS_FILE), epochs.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  async addEpoch(record: EpochRecord): Promise<void> {
    await appendFile(this.#file(METRICS_FILE), `${JSON.stringify(record)}\n`);
  }

  /** Writes the two files of a finished run. */
  async finish({ masks, weights }: ExportedFiles): Promise<void> {
    await writeWhole(this.#file(WEIGHTS_FILE), weights);
    await writeWhole(this.#file(MASKS_FILE), masks);
  }

  /** Folder of the run's trace. */
  get tracePath(): string {
    return this.#file(TRACE_FOLDER);
  }

  async dropCheckpoint(): Promise<void> {
    await this.checkpoints.remove();
  }
}
