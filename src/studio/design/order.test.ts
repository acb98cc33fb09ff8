/** Criticality orders, and whether ReLU counts follow them. */
import { describe, expect, it } from 'vitest';
import { equalize } from '../../domain/equalize.ts';
import { countsOf } from '../../domain/counting.ts';
import { network } from '../../domain/presets.ts';
import { isOrderOf, isPublishedOrder, moved, orderText, startingOrder } from './order.ts';
import { orderPairs } from './orderCheck.ts';

describe('orders of criticality', () => {
  it('move an entry and keep the rest in order', () => {
    expect(moved([3, 2, 4, 1], 0, 2)).toEqual([2, 4, 3, 1]);
    expect(moved([3, 2, 4, 1], 3, 0)).toEqual([1, 3, 2, 4]);
  });

  it.each([2, 3, 4, 5])('start, for %d stages, from an order of them that the equalizer can satisfy', (stages) => {
    const order = startingOrder(stages);
    expect(isOrderOf(order, stages)).toBe(true);
    const blocks = Array.from({ length: stages }, () => 2);
    expect(equalize(blocks, order, { min: 2, max: 16, others: 0 }).solutions.length).toBeGreaterThan(0);
  });

  it('are published for ResNet-18 only', () => {
    expect(isPublishedOrder(startingOrder(4))).toBe(true);
    expect(isPublishedOrder([3, 2, 1, 4])).toBe(false);
    expect(isPublishedOrder(startingOrder(3))).toBe(false);
    expect(orderText([3, 2, 4, 1])).toBe('S3 > S2 > S4 > S1');
  });

  it('refuse lists that leave a stage out or name one twice', () => {
    expect(isOrderOf([1, 1, 2], 3)).toBe(false);
    expect(isOrderOf([1, 2], 3)).toBe(false);
    expect(isOrderOf([2, 3, 4], 3)).toBe(false);
  });
});

describe('whether ReLU counts follow the order', () => {
  const relusOf = (widths: number[]) =>
    countsOf(network(16, { widths }))
      .stages.slice(1)
      .map((stage) => stage.drelus);

  it('fails for ResNet-18 on S3 > S2 and S4 > S1, and gives the required multipliers', () => {
    const pairs = orderPairs(relusOf([16, 32, 64, 128]), [2, 2, 2, 2], [3, 2, 4, 1]);
    expect(pairs.filter((pair) => !pair.holds).map(({ more, fewer, condition }) => [more, fewer, condition])).toEqual([
      [3, 2, 'β\u00a0>\u00a04'],
      [4, 1, 'αβγ\u00a0>\u00a064'],
    ]);
  });

  it.each([
    [5, 5, 3],
    [5, 7, 2],
    [6, 6, 2],
    [7, 5, 2],
  ])('holds for HybReNet %d-%d-%d', (a, b, c) => {
    const pairs = orderPairs(relusOf([16, 16 * a, 16 * a * b, 16 * a * b * c]), [2, 2, 2, 2], [3, 2, 4, 1]);
    expect(pairs.every((pair) => pair.holds)).toBe(true);
  });

  it('requires more ReLUs, not equally many', () => {
    // α = 4 gives stages 1 and 2 equally many ReLUs.
    const [pair] = orderPairs(relusOf([16, 64, 64, 64]), [2, 2, 2, 2], [2, 1, 3, 4]);
    expect(pair.relusMore).toBe(pair.relusFewer);
    expect(pair.holds).toBe(false);
  });
});
