import { describe, expect, it } from 'vitest';
import type { EpochRecord, StepRecord } from '../../training/events.ts';
import { liveRows, phaseBands } from './liveRows.ts';

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
    expect(rows.map((row) => [row.step, row.loss])).toEqual([
      [1, 4],
      [2, 2],
    ]);
    // The first smoothed value is the first loss, not a tenth of it.
    expect(rows[0].smooth).toBeCloseTo(4, 10);
    expect(rows[1].smooth).toBeCloseTo((0.9 * 0.1 * 4 + 0.1 * 2) / (0.9 * 0.1 + 0.1), 10);
  });

  it('thins out to the limit, as means, ending at the last step', () => {
    const steps = Array.from({ length: 2500 }, (_, i) => step(i + 1, i % 2 ? 1 : 3));
    const rows = liveRows({ steps, epochs: [] }, 1000);
    expect(rows.length).toBeLessThanOrEqual(1000);
    expect(rows.at(-1)!.step).toBe(2500);
    const total = rows.reduce((sum, row) => sum + (row.loss ?? 0), 0) / rows.length;
    expect(total).toBeCloseTo(2, 1);
  });

  it('begins smoothing anew in each phase, since the loss means something else', () => {
    const rows = liveRows({ steps: [step(1, 1), step(2, 1), step(3, 50, 'masks')], epochs: [] });
    expect(rows[2].smooth).toBeCloseTo(50, 10);
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
  it('lays the phases that have begun side by side', () => {
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
