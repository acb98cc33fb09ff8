/** Rows of the live charts: smoothing, the terms of the loss, reduction to a limit, epochs and phases. */
import { describe, expect, it } from 'vitest';
import type { EpochRecord, StepRecord } from '../../training/events.ts';
import { liveRows, phaseBands } from './liveRows.ts';
import { isLogAxis, termRatio } from './lossTerms.ts';

const step = (n: number, loss: number, phase = 'dense'): StepRecord => ({
  step: n,
  phase,
  epoch: 0,
  loss,
  crossEntropy: loss,
  distillation: 0,
  penalty: 0,
  accuracy: 0.5,
  learningRate: 0.1,
  lambda: null,
  drelus: 100,
  imagesPerSecond: 10,
});
const epoch = (n: number, accuracy: number, phase = 'dense'): EpochRecord => ({
  phase,
  epoch: 0,
  step: n,
  seconds: 1,
  train: { images: 1, loss: 1, accuracy: 0.4 },
  validation: { images: 1, loss: 1, accuracy },
  test: null,
  drelus: 100,
  multiplications: 100,
  learningRate: 0.1,
  lambda: null,
  softness: null,
});

describe('liveRows', () => {
  it('keeps few records as they are', () => {
    const rows = liveRows({ steps: [step(1, 4), step(2, 2)], epochs: [] });
    expect(rows.map((row) => [row.step, row.raw])).toEqual([
      [1, 4],
      [2, 2],
    ]);
    // The first smoothed value is the first loss, not a tenth of it.
    expect(rows[0].crossEntropy).toBeCloseTo(4, 10);
    expect(rows[1].crossEntropy).toBeCloseTo((0.9 * 0.1 * 4 + 0.1 * 2) / (0.9 * 0.1 + 0.1), 10);
  });

  it('reduces to the limit by means and ends at the last step', () => {
    const steps = Array.from({ length: 2500 }, (_, i) => step(i + 1, i % 2 ? 1 : 3));
    const rows = liveRows({ steps, epochs: [] }, 1000);
    expect(rows.length).toBeLessThanOrEqual(1000);
    expect(rows.at(-1)!.step).toBe(2500);
    const total = rows.reduce((sum, row) => sum + (row.raw ?? 0), 0) / rows.length;
    expect(total).toBeCloseTo(2, 1);
  });

  it('restarts the smoothing in each phase', () => {
    const rows = liveRows({ steps: [step(1, 1), step(2, 1), step(3, 50, 'masks')], epochs: [] });
    expect(rows[2].crossEntropy).toBeCloseTo(50, 10);
  });

  it('separates the terms of the loss, and leaves out those that a phase does not have', () => {
    const masks = { ...step(2, 2, 'masks'), loss: 105, distillation: 3, penalty: 100 };
    const [dense, mask] = liveRows({ steps: [step(1, 4), masks], epochs: [] });
    expect(dense).toMatchObject({ distillation: null, penalty: null, total: null });
    expect(dense.crossEntropy).toBeCloseTo(4, 10);
    const { crossEntropy, distillation, penalty, total } = mask;
    expect([crossEntropy, distillation, penalty, total].map((value) => value?.toFixed(6))).toEqual(
      [2, 3, 100, 105].map((value) => value.toFixed(6)),
    );
  });

  it('puts an epoch on the first row at or after its step', () => {
    const rows = liveRows({ steps: [step(10, 1), step(20, 1)], epochs: [epoch(15, 0.7), epoch(25, 0.8)] });
    expect(rows.map((row) => [row.step, row.validation])).toEqual([
      [10, null],
      [20, 0.7],
      [25, 0.8],
    ]);
  });
});

describe('phaseBands', () => {
  it('puts the phases that have started side by side', () => {
    const info = (id: string) => ({
      id,
      method: null,
      kind: 'dense' as const,
      title: id,
      epochs: 1,
      stepsPerEpoch: 10,
    });
    const bands = phaseBands({
      phases: [info('a'), info('b'), info('c')],
      steps: [step(5, 1, 'a'), step(9, 1, 'b')],
      epochs: [epoch(6, 0, 'a')],
    });
    expect(bands).toEqual([
      { id: 'a', title: 'a', short: 'dense', from: 0, to: 6 },
      { id: 'b', title: 'b', short: 'dense', from: 6, to: 9 },
    ]);
  });
});

describe('the axis of the loss', () => {
  const row = (crossEntropy: number | null, distillation: number | null, penalty: number | null) => ({
    crossEntropy,
    distillation,
    penalty,
  });

  it('compares the terms only where several of them are present', () => {
    expect(termRatio([row(2, null, null), row(0.1, null, null)])).toBe(1);
    expect(termRatio([row(50, null, null), row(2, 3, 100), row(1, 4, 60)])).toBe(50);
    expect(termRatio([row(2, 3, 0)])).toBe(1.5);
  });

  it('is logarithmic from a ratio of ten on, unless the user has chosen', () => {
    const rows = (penalty: number) => liveRows({ steps: [{ ...step(1, 2), loss: 2 + penalty, penalty }], epochs: [] });
    expect(isLogAxis('auto', rows(100))).toBe(true);
    expect(isLogAxis('auto', rows(8))).toBe(false);
    expect(isLogAxis('linear', rows(100))).toBe(false);
    expect(isLogAxis('log', rows(8))).toBe(true);
  });
});
