/**
 * Two checkpoints in the files of a run, so that a damaged one does not end it:
 *
 *   checkpoint-0.safetensors, checkpoint-1.safetensors   the slots
 *   checkpoint.json                                      which one is current, and the SHA-256 of both
 *
 * A checkpoint is written to the slot that is not current; once it is on disk the pointer moves. Reading takes the current slot if it
 * has the recorded hash and can be decoded, else the other one. Runs of older versions have one file, checkpoint.safetensors.
 */
import { z } from 'zod';
import { sha256Hex } from '../domain/hash.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint, RunState } from './state.ts';

/** Files of one run. */
export interface SlotFiles {
  /** null where there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Replaces a file whole or not at all; on disk when it resolves. */
  write(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<void>;
  /** Also where there is no such file. */
  remove(name: string): Promise<void>;
}

const POINTER = 'checkpoint.json';
const SLOTS = ['checkpoint-0.safetensors', 'checkpoint-1.safetensors'] as const;
const SINGLE_FILE = 'checkpoint.safetensors';

const slotSchema = z.object({
  file: z.enum(SLOTS),
  sha256: z.string(),
  /** Steps that the run had taken. */
  step: z.int().min(0),
});
const pointerSchema = z.object({
  format: z.literal('relu-studio/checkpoint-pointer'),
  version: z.literal(1),
  current: slotSchema,
  previous: slotSchema.nullable(),
});
type Pointer = z.infer<typeof pointerSchema>;

export interface FoundCheckpoint {
  checkpoint: Checkpoint;
  /** Why this is not the latest checkpoint, as a sentence; null where it is. */
  note: string | null;
}

export class CheckpointSlots {
  constructor(private readonly files: SlotFiles) {}

  async #pointer(): Promise<Pointer | null> {
    const bytes = await this.files.read(POINTER);
    if (!bytes) return null;
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
    const parsed = pointerSchema.safeParse(json);
    return parsed.success ? parsed.data : null;
  }

  /** @param state that the bytes hold */
  async write(bytes: Uint8Array<ArrayBuffer>, { step }: Pick<RunState, 'step'>): Promise<void> {
    const pointer = await this.#pointer();
    const file = pointer?.current.file === SLOTS[0] ? SLOTS[1] : SLOTS[0];
    await this.files.write(file, bytes);
    const next: Pointer = {
      format: 'relu-studio/checkpoint-pointer',
      version: 1,
      current: { file, sha256: await sha256Hex(bytes), step },
      previous: pointer?.current ?? null,
    };
    await this.files.write(POINTER, `${JSON.stringify(next)}\n`);
    await this.files.remove(SINGLE_FILE);
  }

  /**
   * The latest checkpoint that is whole, or null where none was written.
   * @throws CheckpointError where there are checkpoints and none can be used
   */
  async read(): Promise<FoundCheckpoint | null> {
    const pointer = await this.#pointer();
    const tried: { file: string; why: string }[] = [];
    const expected = pointer ? [pointer.current, ...(pointer.previous ? [pointer.previous] : [])] : [];
    for (const { file, sha256 } of expected) {
      const found = await this.#decoded(file, sha256);
      if (found && 'checkpoint' in found)
        return { checkpoint: found.checkpoint, note: noteOf(tried, found.checkpoint) };
      tried.push({ file, why: found?.why ?? 'the file is missing' });
    }
    // Without a pointer each slot stands for itself; the one that is further is the later one.
    const others = [...SLOTS, SINGLE_FILE].filter((name) => !expected.some(({ file }) => file === name));
    let latest: Checkpoint | null = null;
    for (const file of others) {
      const found = await this.#decoded(file, null);
      if (!found) continue;
      if (!('checkpoint' in found)) tried.push({ file, why: found.why });
      else if (!latest || found.checkpoint.state.step > latest.state.step) latest = found.checkpoint;
    }
    if (latest) return { checkpoint: latest, note: noteOf(tried, latest) };
    if (tried.length === 0) return null;
    throw new CheckpointError(
      `No checkpoint of this run can be used (${tried.map(({ file, why }) => `${file}: ${why}`).join('; ')}).`,
    );
  }

  /** null where there is no such file. */
  async #decoded(file: string, sha256: string | null): Promise<{ checkpoint: Checkpoint } | { why: string } | null> {
    const bytes = await this.files.read(file);
    if (!bytes) return null;
    if (sha256 !== null && (await sha256Hex(bytes)) !== sha256) return { why: 'its hash is not the recorded one' };
    try {
      return { checkpoint: decodeCheckpoint(bytes) };
    } catch (error) {
      return { why: (error as Error).message.replace(/\.$/, '') };
    }
  }

  /** Removes all checkpoints. */
  async remove(): Promise<void> {
    for (const name of [POINTER, ...SLOTS, SINGLE_FILE]) await this.files.remove(name);
  }
}

const noteOf = (tried: readonly { file: string; why: string }[], { state }: Checkpoint): string | null =>
  tried.length === 0
    ? null
    : `The latest checkpoint cannot be used (${tried.map(({ file, why }) => `${file}: ${why}`).join('; ')}): the run continues from the one before, at step ${state.step}.`;
