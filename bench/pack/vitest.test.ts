/** The archive's stand-in for Vitest must not let a wrong value pass. */
import { describe, expect as real, it } from 'vitest';
import { expect } from './vitest.ts';

describe('the stand-in for Vitest', () => {
  const right: [string, () => void][] = [
    ['toBe', () => expect(3).toBe(3)],
    ['not.toBe', () => expect(3).not.toBe(4)],
    ['toEqual', () => expect({ a: [1, Float32Array.of(2)] }).toEqual({ a: [1, Float32Array.of(2)] })],
    ['toBeLessThan', () => expect(1).toBeLessThan(2)],
    ['toBeGreaterThan', () => expect(3).toBeGreaterThan(2)],
    ['toBeCloseTo', () => expect(1.004).toBeCloseTo(1)],
    ['toHaveLength', () => expect([1, 2]).toHaveLength(2)],
    [
      'toThrow',
      () =>
        expect(() => {
          throw new RangeError('a batch of 7');
        }).toThrow(/batch/),
    ],
  ];
  const wrong: [string, () => void][] = [
    ['toBe', () => expect(3).toBe(4)],
    ['toBe of NaN', () => expect(NaN).toBe(0)],
    ['not.toBe', () => expect(3).not.toBe(3)],
    ['toEqual of a longer list', () => expect([1]).toEqual([1, 2])],
    ['toEqual of another number', () => expect(Float32Array.of(1)).toEqual(Float32Array.of(2))],
    ['toBeLessThan of NaN', () => expect(NaN).toBeLessThan(2)],
    ['toBeGreaterThan of NaN', () => expect(NaN).toBeGreaterThan(2)],
    ['toBeCloseTo', () => expect(1.006).toBeCloseTo(1)],
    ['toBeCloseTo of NaN', () => expect(NaN).toBeCloseTo(1)],
    ['toHaveLength', () => expect([1, 2]).toHaveLength(3)],
    ['toThrow of nothing', () => expect(() => 1).toThrow(/./)],
    [
      'toThrow of another message',
      () =>
        expect(() => {
          throw new Error('lost');
        }).toThrow(/batch/),
    ],
  ];
  it.each(right)('%s passes what is right', (_, check) => real(check).not.toThrow());
  it.each(wrong)('%s fails what is wrong', (_, check) => real(check).toThrow(/\w/));
  it('awaits what is rejected', async () => {
    await expect(Promise.reject(new Error('gone'))).rejects.toThrow('gone');
    await real(expect(Promise.resolve(1)).rejects.toThrow('gone')).rejects.toThrow(/did not throw/);
  });
});
