/** Stand-in until src/cli has one. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorMap } from '../../src/engine/api.ts';
import { writeSafetensors } from '../../src/engine/weights.ts';
import type { TracedCheck, TracedPhase, TracedPhaseEnd, TracedStep, TraceWriter } from '../../src/training/trace.ts';

export class FolderTrace implements TraceWriter {
  #phases: (TracedPhase & TracedPhaseEnd)[] = [];
  constructor(private readonly folder: string) {
    for (const name of ['phases', 'steps', 'checks']) writeFileSync(join(folder, `${name}.jsonl`), '');
  }
  phaseBegun(phase: TracedPhase, weights: TensorMap, teacher: TensorMap | null): Promise<void> {
    const name = (end: string) => join(this.folder, `phase-${phase.phase}${end}.safetensors`);
    writeFileSync(name(''), writeSafetensors(weights));
    if (teacher) writeFileSync(name('.teacher'), writeSafetensors(teacher));
    this.#phases.push({ ...phase, selectedEpoch: null, endedAtStep: -1 });
    return Promise.resolve();
  }
  step(line: TracedStep): void {
    appendFileSync(join(this.folder, 'steps.jsonl'), `${JSON.stringify(line)}\n`);
  }
  check(line: TracedCheck): void {
    appendFileSync(join(this.folder, 'checks.jsonl'), `${JSON.stringify(line)}\n`);
  }
  phaseEnded(phase: number, end: TracedPhaseEnd): Promise<void> {
    Object.assign(this.#phases[phase], end);
    writeFileSync(join(this.folder, 'phases.jsonl'), this.#phases.map((p) => `${JSON.stringify(p)}\n`).join(''));
    return Promise.resolve();
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
}
