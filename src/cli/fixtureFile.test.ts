import { describe, expect, it } from 'vitest';
import { FixtureError, parseOptimizer } from './fixtureFile.ts';

describe('an optimizer in words', () => {
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
