/**
 * Dense phases that several runs of a sweep share: `DIR/KEY-DATA.safetensors`, where KEY names everything that the phase depends on and
 * DATA the images. Written under a temporary name of its own and renamed: two processes that compute the same phase write the same bytes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment } from '../domain/experiment.ts';
import { denseKey } from '../domain/sweepFile.ts';
import { decodeCheckpoint } from '../training/checkpoint.ts';
import { adoptDense } from '../training/sharedPhase.ts';
import type { Checkpoint } from '../training/state.ts';
import { makeFolder, writeWhole } from './files.ts';

export class SharedPhases {
  private constructor(
    private readonly folder: string,
    private readonly file: string,
  ) {}

  /** null where the experiment has no dense phase. @param dataSum SHA-256 of the training data */
  static async of(folder: string, experiment: Experiment, dataSum: string): Promise<SharedPhases | null> {
    const key = await denseKey(experiment);
    return key === null ? null : new SharedPhases(folder, join(folder, `${key}-${dataSum.slice(0, 16)}.safetensors`));
  }

  /** Where the experiment goes on after its dense phase; null where no run has trained it yet, or its file is damaged. */
  async take(experiment: Experiment): Promise<Checkpoint | null> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    try {
      return await adoptDense(decodeCheckpoint(bytes), experiment);
    } catch {
      // It is trained again and written anew.
      return null;
    }
  }

  /** Keeps the checkpoint at the end of the dense phase. */
  async keep(bytes: Uint8Array): Promise<void> {
    await makeFolder(this.folder);
    await writeWhole(this.file, bytes, `${process.pid}`);
  }
}
