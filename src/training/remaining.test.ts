/** Estimates of the steps and the time left. */
import { describe, expect, it } from 'vitest';
import { plannedStepsLeft, stepsToTarget, timeLeft, withReading, type CountAfter } from './remaining.ts';

/** Counts read every `every` steps, falling by `fall` each time. */
function falling(readings: number, every: number, from: number, fall: number): CountAfter[] {
  let trend: CountAfter[] = [];
  for (let i = 0; i < readings; i++) trend = withReading(trend, { step: (i + 1) * every, drelus: from - i * fall });
  return trend;
}

describe('steps until the budget', () => {
  it('follow from how fast the count falls', () => {
    // 12 readings, 10 steps apart, 50 DReLUs less each time: 5 per step. 1000 − 550 = 450 now, 200 above the budget.
    expect(stepsToTarget(falling(12, 10, 1000, 50), 250)).toBeCloseTo(40, 10);
  });

  it('are none where the count is at the budget or below it', () => {
    expect(stepsToTarget(falling(12, 10, 1000, 50), 450)).toBe(0);
    expect(stepsToTarget(falling(12, 10, 1000, 50), 800)).toBe(0);
  });

  it('are not known from a few readings', () => {
    expect(stepsToTarget(falling(11, 10, 1000, 50), 250)).toBeNull();
  });

  it('are not known while the count stands still or rises', () => {
    expect(stepsToTarget(falling(20, 10, 1000, 0), 250)).toBeNull();
    expect(stepsToTarget(falling(20, 10, 1000, -1), 250)).toBeNull();
  });

  it('follow the latest fall, not the plateau long before it', () => {
    let trend: CountAfter[] = [];
    for (let step = 1; step <= 100; step++) trend = withReading(trend, { step, drelus: 1000 });
    for (let step = 101; step <= 130; step++) trend = withReading(trend, { step, drelus: 1000 - 10 * (step - 100) });
    expect(stepsToTarget(trend, 500)).toBeCloseTo(20, 10);
  });
});

describe('planned steps', () => {
  it('are those of the current epoch that are left and of the epochs after it', () => {
    expect(plannedStepsLeft({ epochs: 5, stepsPerEpoch: 10 }, { epoch: 0, stepInEpoch: 0 })).toBe(50);
    expect(plannedStepsLeft({ epochs: 5, stepsPerEpoch: 10 }, { epoch: 3, stepInEpoch: 4 })).toBe(16);
    expect(plannedStepsLeft({ epochs: 5, stepsPerEpoch: 10 }, { epoch: 4, stepInEpoch: 10 })).toBe(0);
  });
});

describe('time left', () => {
  const finetune = { epochs: 2, stepsPerEpoch: 30, batch: 40, openEnded: false };
  const masks = { ...finetune, openEnded: true };

  it('covers the later phases at the present time per image', () => {
    // 10 steps of 20 images here, 60 steps of 40 images later; 0.5 s per 20 images.
    expect(timeLeft(10, 0.5, 20, [finetune])).toEqual({ secondsLeft: (200 + 2400) * (0.5 / 20), leftOf: 'run' });
  });

  it('is of the current phase alone where a later one has no known length', () => {
    expect(timeLeft(10, 0.5, 20, [masks, finetune])).toEqual({ secondsLeft: 5, leftOf: 'phase' });
  });

  it('is not known before steps have been measured or where their number is not known', () => {
    expect(timeLeft(10, null, 20, [])).toEqual({ secondsLeft: null, leftOf: 'run' });
    expect(timeLeft(null, 0.5, 20, [])).toEqual({ secondsLeft: null, leftOf: 'run' });
  });
});
