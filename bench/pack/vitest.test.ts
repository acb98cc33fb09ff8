/** The archive's stand-in for Vitest must not let a wrong value pass. */
import { describe, expect, it } from 'vitest';
import { expect as packed } from './vitest.ts';

describe('the stand-in for Vitest', () => {
  const right: [string, () => void][] = [
    ['toBe', () => packed(3).toBe(3)],
    ['not.toBe', () => packed(3).not.toBe(4)],
    ['toEqual', () => packed({ a: [1, Float32Array.of(2)] }).toEqual({ a: [1, Float32Array.of(2)] })],
    ['toBeLessThan', () => packed(1).toBeLessThan(2)],
    ['toBeGreaterThan', () => packed(3).toBeGreaterThan(2)],
    ['toBeCloseTo', () => packed(1.004).toBeCloseTo(1)],
    ['toHaveLength', () => packed([1, 2]).toHaveLength(2)],
    [
      'toThrow',
      () =>
        packed(() => {
          throw new RangeError('a batch of 7');
        }).toThrow(/batch/),
    ],
  ];
  const wrong: [string, () => void][] = [
    ['toBe', () => packed(3).toBe(4)],
    ['toBe of NaN', () => packed(NaN).toBe(0)],
    ['not.toBe', () => packed(3).not.toBe(3)],
    ['toEqual of a longer list', () => packed([1]).toEqual([1, 2])],
    ['toEqual of another number', () => packed(Float32Array.of(1)).toEqual(Float32Array.of(2))],
    ['toBeLessThan of NaN', () => packed(NaN).toBeLessThan(2)],
    ['toBeGreaterThan of NaN', () => packed(NaN).toBeGreaterThan(2)],
    ['toBeCloseTo', () => packed(1.006).toBeCloseTo(1)],
    ['toBeCloseTo of NaN', () => packed(NaN).toBeCloseTo(1)],
    ['toHaveLength', () => packed([1, 2]).toHaveLength(3)],
    ['toThrow of nothing', () => packed(() => 1).toThrow(/./)],
    [
      'toThrow of another message',
      () =>
        packed(() => {
          throw new Error('lost');
        }).toThrow(/batch/),
    ],
  ];
  it.each(right)('%s passes what is right', (_, check) => expect(check).not.toThrow());
  it.each(wrong)('%s fails what is wrong', (_, check) => expect(check).toThrow(/\w/));
  it('awaits what is rejected', async () => {
    await packed(Promise.reject(new Error('gone'))).rejects.toThrow('gone');
    await expect(packed(Promise.resolve(1)).rejects.toThrow('gone')).rejects.toThrow(/did not throw/);
  });
});
