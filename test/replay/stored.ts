/**
 * What PyTorch had of a tiny run (replay.py --write), and how a run of today is held against it where there is no PyTorch.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMasks } from '../../src/domain/masksFile.ts';
import type { EpochRecord } from '../../src/training/events.ts';
import { projectRoot } from './replay.ts';
import type { TracedCheck, TracedPhase, TracedPhaseEnd, TracedStep } from '../../src/training/trace.ts';

const DECISIONS = ['learningRate', 'maskLearningRate', 'lambda', 'soft', 'distils'] as const;
const LOSSES = ['loss', 'crossEntropy', 'distillation', 'penalty'] as const;
type Decision = (typeof DECISIONS)[number];
type Loss = (typeof LOSSES)[number];

/** Of a split, in PyTorch: `openImages` are those whose class float32 may not tell, `openLoss` is what it may miss of the loss. */
interface StoredEvaluation {
  accuracy: number;
  loss: number;
  openImages: number;
  openLoss: number;
}

interface StoredPhase {
  id: string;
  selectedEpoch: number | null;
  /** Masks so near to the cut that float32 may decide them otherwise. */
  openMasks: number;
  checks: (Omit<TracedCheck, 'phase'> & { uncertain: number })[];
  epochs: { epoch: number; validation?: StoredEvaluation; test?: StoredEvaluation }[];
  /** A column each; `allowed`: how far a loss may be off, relative where it is above 1. */
  steps: { [K in Decision]: TracedStep[K][] } & Record<Loss | 'allowed', number[]>;
}

export interface StoredRun {
  experiment: unknown;
  phases: StoredPhase[];
  /** Bits of each masked site, C,H,W. */
  masks: Record<string, string>;
}

export const storedPath = (name: string): string =>
  join(projectRoot(), 'test', 'replay', 'stored', `${name.replace(/[^\w]+/g, '-')}.json`);

export const readStored = (name: string): StoredRun => JSON.parse(readFileSync(storedPath(name), 'utf8')) as StoredRun;

function linesOf<T>(folder: string, file: string): T[] {
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch (error) {
    // A run that counts no masks has no checks.jsonl.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Numbers to the twelfth digit, all else exactly. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => same(value, (b as Record<string, unknown>)[key]));
}

/**
 * Every way in which the run in `folder` differs from what PyTorch had, a line each.
 * @param repeatable phases to compare; all, and the masks, where it is left out
 */
export function differences(stored: StoredRun, folder: string, repeatable?: number): string[] {
  const found: string[] = [];
  const phases = linesOf<TracedPhase & TracedPhaseEnd>(folder, 'trace/phases.jsonl');
  const steps = linesOf<TracedStep>(folder, 'trace/steps.jsonl');
  const checks = linesOf<TracedCheck>(folder, 'trace/checks.jsonl');
  const epochs = linesOf<EpochRecord>(folder, 'metrics.jsonl');
  const ids = (list: { id: string }[]) => list.map(({ id }) => id).join();
  if (ids(phases) !== ids(stored.phases)) return [`phases are ${ids(phases)} instead of ${ids(stored.phases)}`];
  stored.phases.slice(0, repeatable).forEach((expected, i) => {
    const at = (where: string | number) => `${expected.id}, ${where}`;
    const own = steps.filter(({ phase }) => phase === i);
    found.push(...stepDifferences(expected, own));
    const counts = checks.filter(({ phase }) => phase === i);
    if (counts.length !== expected.checks.length)
      found.push(at(`${counts.length} counts instead of ${expected.checks.length}`));
    expected.checks.forEach(({ uncertain, count, ...decided }, n) => {
      const { phase: _, count: counted, ...now } = counts[n] ?? { phase: i, count: NaN };
      if (!same(now, decided) || !(Math.abs(counted - count) <= uncertain))
        found.push(at(`count ${n}: ${JSON.stringify(counts[n])} instead of ${JSON.stringify(expected.checks[n])}`));
    });
    if (phases[i].selectedEpoch !== expected.selectedEpoch)
      found.push(at(`epoch ${phases[i].selectedEpoch} is kept instead of ${expected.selectedEpoch}`));
    for (const { epoch, ...due } of expected.epochs) {
      const record = epochs.find((line) => line.phase === expected.id && line.epoch === epoch);
      for (const part of ['validation', 'test'] as const) {
        // The test of a phase's last record is of the weights that the phase keeps.
        const last = epoch === expected.epochs.at(-1)!.epoch;
        const wanted = due[part];
        if (!wanted || (part === 'test' && last)) continue;
        const now = record?.[part];
        const images = Math.abs((now?.accuracy ?? NaN) - wanted.accuracy) * (now?.images ?? NaN);
        const loss = Math.abs((now?.loss ?? NaN) - wanted.loss);
        if (!(images < wanted.openImages + 0.5) || !(loss <= 1e-3 + 20 * wanted.openLoss))
          found.push(at(`epoch ${epoch}, ${part}: ${JSON.stringify(now)} instead of ${JSON.stringify(wanted)}`));
      }
    }
  });
  return repeatable === undefined ? [...found, ...maskDifferences(stored, folder)] : found;
}

function stepDifferences({ id, steps }: StoredPhase, now: TracedStep[]): string[] {
  const found: string[] = [];
  const count = steps.loss?.length ?? 0;
  if (now.length !== count) found.push(`${id}: ${now.length} steps instead of ${count}`);
  now.slice(0, count).forEach((step, n) => {
    for (const key of DECISIONS)
      if (!same(step[key], steps[key][n]))
        found.push(
          `${id}, step ${n}: ${key} is ${JSON.stringify(step[key])} instead of ${JSON.stringify(steps[key][n])}`,
        );
    for (const key of LOSSES) {
      const expected = steps[key][n];
      const off = Math.abs(step[key] - expected) / Math.max(1, Math.abs(expected));
      if (!(off <= steps.allowed[n])) found.push(`${id}, step ${n}: ${key} is ${step[key]} instead of ${expected}`);
    }
  });
  return found;
}

function maskDifferences(stored: StoredRun, folder: string): string[] {
  const { trained } = parseMasks(readFileSync(join(folder, 'masks.json'), 'utf8'));
  const open = Math.max(...stored.phases.map(({ openMasks }) => openMasks));
  let different = 0;
  for (const [site, bits] of Object.entries(stored.masks)) {
    const kept = trained[site]?.kept ?? [];
    if (kept.length !== bits.length) return [`masks.json: ${site} has ${kept.length} bits instead of ${bits.length}`];
    for (let i = 0; i < bits.length; i++) if (Number(bits[i]) !== kept[i]) different++;
  }
  return different > open ? [`masks.json: ${different} masks differ, ${open} may`] : [];
}
