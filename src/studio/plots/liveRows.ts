/**
 * A run's history as rows for charts over one step axis: smoothed, thinned out to what a screen can show, epochs joined to the
 * steps they ended at. All live charts share these rows, so that one crosshair fits them all.
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
  /** Mean over the records that fell into this row. */
  loss: number | null;
  /** Exponential mean of the loss, begun anew in each phase. */
  smooth: number | null;
  /** Its cross entropy, smoothed alike; null where the loss is nothing else. */
  crossEntropy: number | null;
  /** Shares of 1. */
  train: number | null;
  validation: number | null;
  test: number | null;
  drelus: number | null;
  lambda: number | null;
  learningRate: number | null;
}

/** Rows a chart is given at most; fewer while they are drawn anew several times a second. */
export const ROWS = 1000;
export const LIVE_ROWS = 300;
/** How much of the old mean stays with each record. */
const KEEP = 0.9;

const blank = (step: number): LiveRow => ({
  step,
  loss: null,
  smooth: null,
  crossEntropy: null,
  train: null,
  validation: null,
  test: null,
  drelus: null,
  lambda: null,
  learningRate: null,
});

/** Rows rise in step; at most `limit` from the steps, and one more for each epoch that no row stands at. */
export function liveRows({ steps, epochs }: Pick<RunHistory, 'steps' | 'epochs'>, limit = ROWS): LiveRow[] {
  const size = Math.max(1, Math.ceil(steps.length / limit));
  const rows: LiveRow[] = [];
  let phase: string | null = null;
  let mean = 0;
  let entropy = 0;
  let weight = 0;
  for (let start = 0; start < steps.length; start += size) {
    const end = Math.min(steps.length, start + size);
    let loss = 0;
    let train = 0;
    for (let i = start; i < end; i++) {
      const record = steps[i];
      if (record.phase !== phase) {
        phase = record.phase;
        mean = 0;
        entropy = 0;
        weight = 0;
      }
      // Debiased, so that the first records are not drawn towards zero.
      mean = KEEP * mean + (1 - KEEP) * record.loss;
      entropy = KEEP * entropy + (1 - KEEP) * record.crossEntropy;
      weight = KEEP * weight + (1 - KEEP);
      loss += record.loss;
      train += record.accuracy;
    }
    const last = steps[end - 1];
    rows.push({
      ...blank(last.step),
      loss: loss / (end - start),
      smooth: mean / weight,
      crossEntropy: last.distillation > 0 || last.penalty > 0 ? entropy / weight : null,
      train: train / (end - start),
      drelus: last.drelus,
      lambda: last.lambda,
      learningRate: last.learningRate,
    });
  }
  return joined(rows, epochs);
}

/** Puts each epoch's accuracies on the row at or just after its step; makes a row where there is none. */
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
  /** A word, for where the title does not fit. */
  short: string;
  from: number;
  to: number;
}

const SHORT: Record<PhaseInfo['kind'], string> = {
  dense: 'dense',
  masks: 'masks',
  soft: 'soft',
  hard: 'hard',
  finetune: 'finetune',
  train: 'train',
};

/** Where each phase lies on the step axis. */
export function phaseBands({ phases, steps, epochs }: Pick<RunHistory, 'phases' | 'steps' | 'epochs'>): Band[] {
  const ends = new Map<string, number>();
  for (const { phase, step } of steps) ends.set(phase, step);
  for (const { phase, step } of epochs) ends.set(phase, Math.max(step, ends.get(phase) ?? 0));
  let from = 0;
  return phases.flatMap(({ id, title, kind }) => {
    const to = ends.get(id);
    if (to === undefined) return [];
    const band = { id, title, short: SHORT[kind], from, to };
    from = to;
    return [band];
  });
}
