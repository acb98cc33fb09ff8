/**
 * The folder `trace/` of a traced run (design: formats, "The trace of a run"; training/trace.ts explains the fields):
 *
 *   phase-N.safetensors, phase-N.teacher.safetensors   values at the start of phase N, and the teacher's where it distils
 *   phases.jsonl, steps.jsonl, checks.jsonl            one line per phase, per step, per count of masks
 *
 * A run that resumes from a checkpoint first removes the lines that were written after the checkpoint.
 */
import { createReadStream } from 'node:fs';
import { open, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorMap } from '../engine/api.ts';
import { writeSafetensors } from '../engine/weights.ts';
import { CheckpointError } from '../training/errors.ts';
import type { RunState } from '../training/state.ts';
import {
  traceLinesUpTo,
  type TracedCheck,
  type TracedPhase,
  type TracedPhaseEnd,
  type TracedStep,
  type TraceWriter,
} from '../training/trace.ts';
import { makeFolder, writeWhole } from './files.ts';

const PHASES = 'phases.jsonl';
const STEPS = 'steps.jsonl';
const CHECKS = 'checks.jsonl';

type PhaseLine = TracedPhase & Partial<TracedPhaseEnd>;

const linesText = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** Complete lines of a file with the byte after each; none where there is no file. A line cut off by a crash is left out. */
async function* completeLines(path: string): AsyncGenerator<{ text: string; end: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let to = rest.indexOf(10); to >= 0; to = rest.indexOf(10, from)) {
        end += to + 1 - from;
        yield { text: rest.toString('utf8', from, to), end };
        from = to + 1;
      }
      rest = rest.subarray(from);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Cuts a file behind the last of its first lines that stay. @returns how many lines stay */
async function truncateLines<T>(path: string, stays: (line: T) => boolean): Promise<number> {
  let kept = 0;
  let length = 0;
  for await (const { text, end } of completeLines(path)) {
    if (!stays(JSON.parse(text) as T)) break;
    kept++;
    length = end;
  }
  if (kept > 0) await truncate(path, length);
  else await rm(path, { force: true });
  return kept;
}

/** Lines of one file, appended in order without waiting for the disk. */
class LineFile {
  #unwritten: object[] = [];
  #writing: Promise<void> = Promise.resolve();
  #error: Error | null = null;

  constructor(readonly path: string) {}

  add(line: object): void {
    this.#unwritten.push(line);
    if (this.#unwritten.length === 1) this.#writing = this.#writing.then(() => this.#append());
  }

  /** @throws what went wrong while writing */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#error) throw this.#error;
  }

  async #append(): Promise<void> {
    const lines = this.#unwritten;
    this.#unwritten = [];
    if (this.#error) return;
    try {
      const file = await open(this.path, 'a');
      try {
        await file.appendFile(linesText(lines));
      } finally {
        await file.close();
      }
    } catch (error) {
      this.#error = error as Error;
    }
  }
}

export class TraceFolder implements TraceWriter {
  readonly #steps: LineFile;
  readonly #checks: LineFile;
  #phases: PhaseLine[] = [];

  constructor(readonly path: string) {
    this.#steps = new LineFile(this.#file(STEPS));
    this.#checks = new LineFile(this.#file(CHECKS));
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Makes the folder ready for a run that starts (null) or resumes from a state.
   * @throws CheckpointError where the trace up to that state is not there
   */
  async prepare(state: RunState | null): Promise<void> {
    await makeFolder(this.path);
    if (!state) {
      for (const name of [PHASES, STEPS, CHECKS]) await rm(this.#file(name), { force: true });
      return;
    }
    const upTo = traceLinesUpTo(state);
    const known = await this.#readPhases();
    this.#phases = known.flatMap(({ selectedEpoch, endedAtStep, ...begun }): PhaseLine[] => {
      const stays = upTo.phase(begun);
      if (stays === 'none') return [];
      return [stays === 'begun' ? { ...begun, selectedEpoch: null } : { ...begun, selectedEpoch, endedAtStep }];
    });
    const steps = await truncateLines<TracedStep>(this.#file(STEPS), upTo.step);
    await truncateLines<TracedCheck>(this.#file(CHECKS), upTo.check);
    await this.#writePhases();
    if (steps !== state.step || this.#phases.length !== state.phase + (state.begun ? 1 : 0))
      throw new CheckpointError(
        `${this.path}: the trace of the first ${state.step} steps is incomplete. Start the run again in another folder.`,
      );
  }

  async #readPhases(): Promise<PhaseLine[]> {
    let text: string;
    try {
      text = await readFile(this.#file(PHASES), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as PhaseLine]));
  }

  async #writePhases(): Promise<void> {
    await writeWhole(this.#file(PHASES), linesText(this.#phases));
  }

  async phaseBegun(phase: TracedPhase, weights: TensorMap, teacher: TensorMap | null): Promise<void> {
    const { phase: index } = phase;
    await writeWhole(this.#file(`phase-${index}.safetensors`), writeSafetensors(weights));
    const teacherFile = this.#file(`phase-${index}.teacher.safetensors`);
    if (teacher) await writeWhole(teacherFile, writeSafetensors(teacher));
    else await rm(teacherFile, { force: true });
    this.#phases = [...this.#phases.filter((line) => line.phase < index), { ...phase, selectedEpoch: null }];
    await this.#writePhases();
  }

  step(line: TracedStep): void {
    this.#steps.add(line);
  }

  check(line: TracedCheck): void {
    this.#checks.add(line);
  }

  async phaseEnded(phase: number, end: TracedPhaseEnd): Promise<void> {
    this.#phases = this.#phases.map((line) => (line.phase === phase ? { ...line, ...end } : line));
    await this.#writePhases();
  }

  async flush(): Promise<void> {
    await this.#steps.flush();
    await this.#checks.flush();
  }
}
