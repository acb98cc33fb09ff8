/**
 * The folder of a run:
 *
 *   run.json                 what the run is and how it stands: experiment, status, data, adapter, result
 *   metrics.jsonl            one line an epoch, as the trainer told it
 *   checkpoint.safetensors   where an unfinished run goes on; gone once the run is done
 *   masks.json, model.safetensors   the product of a finished run
 *
 * Every file is written beside its place and then moved there, so that a crash leaves the old one whole.
 */
import { appendFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { experimentSchema, type Experiment } from '../domain/experiment.ts';
import type { CheckpointStorage } from '../training/checkpoint.ts';
import { decodeCheckpoint } from '../training/checkpoint.ts';
import { CheckpointError } from '../training/errors.ts';
import type { EpochRecord } from '../training/events.ts';
import { MASKS_FILE, WEIGHTS_FILE, type ExportedFiles } from '../training/exportMasks.ts';
import type { Checkpoint } from '../training/state.ts';

const RUN_FILE = 'run.json';
const METRICS_FILE = 'metrics.jsonl';
const CHECKPOINT_FILE = 'checkpoint.safetensors';

const runSchema = z.looseObject({
  format: z.literal('relu-studio/run'),
  version: z.literal(1),
  experiment: experimentSchema,
  status: z.enum(['running', 'stopped', 'failed', 'done']),
  createdAt: z.string(),
  /** Of what the run was trained on, to tell whether it is the same when it goes on. */
  data: z.looseObject({ train: z.int(), validation: z.int(), test: z.int(), sha256: z.string() }),
  /** Masks file that it started from; null: from a random draw. */
  from: z.string().nullable(),
});

export type RunRecord = z.infer<typeof runSchema>;

async function textOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.part`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

export class RunFolder implements CheckpointStorage {
  constructor(readonly path: string) {}

  #file(name: string): string {
    return join(this.path, name);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true });
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
      throw new CheckpointError(`${this.#file(RUN_FILE)} is not the record of a run: choose another folder for --out.`);
    if (JSON.stringify(parsed.data.experiment) !== JSON.stringify(experiment))
      throw new CheckpointError(
        `${this.path} holds a run of another experiment ("${parsed.data.experiment.name}"): choose another folder for --out.`,
      );
    return parsed.data;
  }

  async writeRun(record: RunRecord): Promise<void> {
    await writeWhole(this.#file(RUN_FILE), `${JSON.stringify(record, null, 2)}\n`);
  }

  async checkpoint(): Promise<Checkpoint | null> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.#file(CHECKPOINT_FILE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    return decodeCheckpoint(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeWhole(this.#file(CHECKPOINT_FILE), bytes);
  }

  /** The epochs up to a checkpoint; later lines are of steps that will be taken again. */
  async restartMetrics(epochs: EpochRecord[]): Promise<void> {
    await writeWhole(this.#file(METRICS_FILE), epochs.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  async addEpoch(record: EpochRecord): Promise<void> {
    await appendFile(this.#file(METRICS_FILE), `${JSON.stringify(record)}\n`);
  }

  /** The run is done: its two files, and no checkpoint any more. */
  async finish({ masks, weights }: ExportedFiles): Promise<void> {
    await writeWhole(this.#file(WEIGHTS_FILE), weights);
    await writeWhole(this.#file(MASKS_FILE), masks);
  }

  async dropCheckpoint(): Promise<void> {
    await rm(this.#file(CHECKPOINT_FILE), { force: true });
  }
}

/** masks.json and the weights that it names, from a finished run's folder or from the path of a masks file. */
export async function readMasksAndWeights(
  path: string,
): Promise<{ masks: string; weights: Uint8Array<ArrayBuffer>; file: string }> {
  const file = path.endsWith('.json') ? path : join(path, MASKS_FILE);
  const masks = await textOrNull(file);
  if (masks === null)
    throw new CheckpointError(`${file} is not there: the run has not finished, or this is no run's folder.`);
  const named = /"weights"\s*:\s*\{\s*"file"\s*:\s*"([^"/\\]+)"/.exec(masks)?.[1] ?? WEIGHTS_FILE;
  const weightsFile = join(file, '..', named);
  try {
    return { masks, weights: new Uint8Array(await readFile(weightsFile)), file };
  } catch (cause) {
    throw new CheckpointError(`${weightsFile}, the weights that ${file} names, cannot be read.`, { cause });
  }
}
