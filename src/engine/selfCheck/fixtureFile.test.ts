/** Optimizers, image shapes and normalisation parsed from a fixture's JSON. */
import { describe, expect, it } from 'vitest';
import type { TensorMap } from '../api.ts';
import { FixtureError, parseFixture, parseOptimizer } from './fixtureFile.ts';

describe('parseOptimizer', () => {
  it.each([
    [
      'SGD lr 0.1, momentum 0.9 (no dampening, no Nesterov), weight decay 5e-4 on every parameter, added to the gradient',
      { learningRate: 0.1, optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    ],
    [
      'SGD lr=3E-2, no momentum, no weight decay',
      { learningRate: 0.03, optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } },
    ],
    [
      'torch.optim.SGD(lr=.5, momentum=0.85, weight_decay=1e-3)',
      { learningRate: 0.5, optimizer: { kind: 'sgd', momentum: 0.85, weightDecay: 1e-3 } },
    ],
    [
      'Adam lr 1e-3, betas 0.9 0.999, eps 1e-8, no weight decay, weights and gate parameters alike',
      { learningRate: 1e-3, optimizer: { kind: 'adam', weightDecay: 0, betas: [0.9, 0.999], epsilon: 1e-8 } },
    ],
    [
      'Adam, learning rate 0.002, betas (0.8, 0.95), eps 1e-6, weight decay 0.01',
      { learningRate: 0.002, optimizer: { kind: 'adam', weightDecay: 0.01, betas: [0.8, 0.95], epsilon: 1e-6 } },
    ],
    ['Adam', { learningRate: 1e-3, optimizer: { kind: 'adam', weightDecay: 0, betas: [0.9, 0.999], epsilon: 1e-8 } }],
  ])('%s', (text, expected) => {
    expect(parseOptimizer(text)).toEqual(expected);
  });

  it.each([
    'RMSprop lr 0.1',
    'AdamW lr 1e-3',
    'SGD lr 0.1, momentum 0.9, Nesterov',
    'SGD lr 0.1, dampening 0.1',
    'SGD, momentum 0.9',
  ])('refuses %s', (text) => {
    expect(() => parseOptimizer(text)).toThrow(FixtureError);
  });
});

describe('images of a fixture', () => {
  const tensors = (shape: number[]): TensorMap =>
    new Map([
      ['images', { shape: [2, ...shape], data: new Float32Array(2 * shape[0] * shape[1] * shape[2]) }],
      ['labels', { shape: [2], data: Float32Array.of(0, 1) }],
    ]);
  const fixture = {
    widths: [4],
    blocks: [1],
    classes: 2,
    stemGate: true,
    batch: 2,
    loss: 'cross entropy',
    optimizer: 'SGD lr 0.1',
    data: "x / 255, then CIFAR-100's mean and std",
  };

  it('are square with three channels under inputSize, normalised as the named data set', () => {
    const { network, images } = parseFixture({ ...fixture, inputSize: 8 }, tensors([3, 8, 8]));
    expect(network.inputShape).toEqual([3, 8, 8]);
    expect(images.mean).toEqual([0.5071, 0.4867, 0.4408]);
  });

  it('have any shape under inputShape, with mean and std per channel', () => {
    const oblong = { ...fixture, inputSize: 9, inputShape: [1, 8, 5], mean: [0.5], std: [0.25] };
    const { network, images } = parseFixture(oblong, tensors([1, 8, 5]));
    expect(network.inputShape).toEqual([1, 8, 5]);
    expect([images.mean, images.std]).toEqual([[0.5], [0.25]]);
  });

  it('need a shape and one mean per channel', () => {
    expect(() => parseFixture(fixture, tensors([3, 8, 8]))).toThrow(/neither inputSize nor inputShape/);
    expect(() => parseFixture({ ...fixture, inputShape: [1, 8, 5] }, tensors([1, 8, 5]))).toThrow(/1 channel/);
  });
});
