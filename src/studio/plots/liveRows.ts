/**
 * A run's history as rows for charts over one step axis: smoothed, reduced to as many rows as a screen can show, with each epoch on
 * the step at which it ended. All live charts share these rows, so that one crosshair fits them all.
 */
import type { PhaseInfo } from '../../training/events.ts';
import type { RunHistory } from '../../worker/protocol.ts';

/** A step, and the value of each series there: null or missing where it has none. */
export interface StepRow {
  step: number;
  [series: string]: number | null | undefined;
}

export interface LiveRow extends StepRow {
  step: number;
  /** Cross entropy, the mean over the records of this row. */
  raw: number | null;
  /** Terms of the loss and their sum: exponential means that restart in each phase; null where there is no such term. */
  crossEntropy: number | null;
  distillation: number | null;
  penalty: number | null;
  /** The sum; null where cross entropy is the only term. */
  total: number | null;
  /** Accuracies, 0 to 1. */
  train: number | null;
  validation: number | null;
  test: number | null;
  drelus: number | null;
  lambda: number | null;
  learningRate: number | null;
}

/** Most rows of a chart, and of one that is redrawn several times a second. */
export const MAX_ROWS = 1000;
export const MAX_LIVE_ROWS = 300;
/** Weight of the old exponential mean at each record. */
const DECAY = 0.9;

type Means = Record<'crossEntropy' | 'distillation' | 'penalty' | 'loss', number>;
const zeroMeans = (): Means => ({ crossEntropy: 0, distillation: 0, penalty: 0, loss: 0 });

const blank = (step: number): LiveRow => ({
  step,
  raw: null,
  crossEntropy: null,
  distillation: null,
  penalty: null,
  total: null,
  train: null,
  validation: null,
  test: null,
  drelus: null,
  lambda: null,
  learningRate: null,
});

/** Rows in the order of their steps: at most `limit` from the step records, and one for each epoch that ended at no row. */
export function liveRows({ steps, epochs }: Pick<RunHistory, 'steps' | 'epochs'>, limit = MAX_ROWS): LiveRow[] {
  const size = Math.max(1, Math.ceil(steps.length / limit));
  const rows: LiveRow[] = [];
  let phase: string | null = null;
  let means = zeroMeans();
  let weight = 0;
  for (let start = 0; start < steps.length; start += size) {
    const end = Math.min(steps.length, start + size);
    let raw = 0;
    let train = 0;
    for (let i = start; i < end; i++) {
      const record = steps[i];
      if (record.phase !== phase) {
        phase = record.phase;
        means = zeroMeans();
        weight = 0;
      }
      // Divided by `weight` below, so that the first records are not biased towards zero.
      for (const key of Object.keys(means) as (keyof Means)[])
        means[key] = DECAY * means[key] + (1 - DECAY) * record[key];
      weight = DECAY * weight + (1 - DECAY);
      raw += record.crossEntropy;
      train += record.accuracy;
    }
    const last = steps[end - 1];
    const distilled = last.distillation > 0;
    const penalized = last.penalty > 0;
    rows.push({
      ...blank(last.step),
      raw: raw / (end - start),
      crossEntropy: means.crossEntropy / weight,
      distillation: distilled ? means.distillation / weight : null,
      penalty: penalized ? means.penalty / weight : null,
      total: distilled || penalized ? means.loss / weight : null,
      train: train / (end - start),
      drelus: last.drelus,
      lambda: last.lambda,
      learningRate: last.learningRate,
    });
  }
  return joined(rows, epochs);
}

/** Adds each epoch's accuracies to the row at or just after its step; adds a row where there is none. */
function joined(rows: LiveRow[], epochs: RunHistory['epochs']): LiveRow[] {
  let at = 0;
  for (const epoch of epochs) {
    while (at < rows.length && rows[at].step < epoch.step) at++;
    if (at === rows.length)
      rows.push({
        ...blank(epoch.step),
        train: epoch.train.accuracy,
        drelus: epoch.drelus,
        lambda: epoch.lambda,
        learningRate: epoch.learningRate,
      });
    if (epoch.validation) rows[at].validation = epoch.validation.accuracy;
    if (epoch.test) rows[at].test = epoch.test.accuracy;
  }
  return rows;
}

export interface Band {
  id: string;
  title: string;
  /** One word, for where the title does not fit. */
  short: string;
  from: number;
  to: number;
}

const SHORT_TITLES: Record<PhaseInfo['kind'], string> = {
  dense: 'dense',
  masks: 'masks',
  soft: 'soft',
  hard: 'hard',
  finetune: 'finetune',
  train: 'train',
};

/** Range of each phase on the step axis; phases that have not started are left out. */
export function phaseBands({ phases, steps, epochs }: Pick<RunHistory, 'phases' | 'steps' | 'epochs'>): Band[] {
  const ends = new Map<string, number>();
  for (const { phase, step } of steps) ends.set(phase, step);
  for (const { phase, step } of epochs) ends.set(phase, Math.max(step, ends.get(phase) ?? 0));
  let from = 0;
  return phases.flatMap(({ id, title, kind }) => {
    const to = ends.get(id);
    if (to === undefined) return [];
    const band = { id, title, short: SHORT_TITLES[kind], from, to };
    from = to;
    return [band];
  });
}
