/** Learning rates, the soft gate, random streams and the measured speed. */
import { describe, expect, it } from 'vitest';
import type { Phase, Schedule } from '../domain/experiment.ts';
import { Pace } from './pace.ts';
import { learningRateAt, softnessAt } from './schedules.ts';
import { augmentSeed, epochOrder, seedFor } from './seeds.ts';

const phase = (epochs: number, learningRate: number, schedule: Schedule): Phase => ({
  epochs,
  batch: 1,
  optimizer: { kind: 'sgd', learningRate, momentum: 0, weightDecay: 0 },
  schedule,
});

describe('learning rates are those that PyTorch 1.13 prints', () => {
  it('MultiStepLR(milestones=[2, 4], gamma=0.1), lr 0.1', () => {
    const step = phase(6, 0.1, { kind: 'step', milestones: [2, 4], factor: 0.1 });
    const expected = [0.1, 0.1, 0.01, 0.01, 0.001, 0.001];
    expected.forEach((rate, epoch) => expect(learningRateAt(step, epoch)).toBeCloseTo(rate, 12));
  });

  it('CosineAnnealingLR(T_max=5, eta_min=0.01), lr 0.1', () => {
    const cosine = phase(5, 0.1, { kind: 'cosine', floor: 0.1 });
    const expected = [0.1, 0.0914057647468726, 0.0689057647468726, 0.0410942352531274, 0.0185942352531274];
    expected.forEach((rate, epoch) => expect(learningRateAt(cosine, epoch)).toBeCloseTo(rate, 12));
  });
});

describe('the soft gate', () => {
  it('rises geometrically, from and to what is asked', () => {
    const gelu = { kind: 'gelu', from: 1, to: 16 } as const;
    expect([0, 0.25, 0.5, 1].map((t) => softnessAt(gelu, t).slope)).toEqual([1, 2, 4, 16]);
  });

  it('mixes linearly, or stays', () => {
    expect(softnessAt({ kind: 'mix' }, 0.3)).toEqual({ slope: 1, mix: 0.3 });
    expect(softnessAt({ kind: 'abrupt' }, 0.9)).toEqual({ slope: 1, mix: 0 });
  });
});

describe('random streams', () => {
  it('differ by seed, name and epoch, and repeat', () => {
    const seeds = [
      seedFor(1, 'order'),
      seedFor(2, 'order'),
      seedFor(1, 'orders'),
      augmentSeed(1, 'dense', 0),
      augmentSeed(1, 'dense', 1),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(augmentSeed(1, 'dense', 1)).toBe(augmentSeed(1, 'dense', 1));
  });

  it('walk through every image once an epoch', () => {
    const indices = Uint32Array.from({ length: 100 }, (_, i) => 3 * i);
    const order = epochOrder(indices, 5, 'dense', 2);
    expect([...order].sort((a, b) => a - b)).toEqual([...indices]);
    expect([...order]).not.toEqual([...indices]);
    expect([...order]).not.toEqual([...epochOrder(indices, 5, 'dense', 3)]);
  });
});

describe('pace', () => {
  it('is unknown during the warm-up, then the median, which one slow stretch does not move', () => {
    const pace = new Pace();
    const told: (number | null)[] = [];
    for (const seconds of [9, 1, 1, 30, 1, 1]) {
      pace.add(seconds, 2);
      told.push(pace.secondsPerStep);
    }
    expect(told).toEqual([null, null, null, 0.5, 0.5, 0.5]);
  });
});
