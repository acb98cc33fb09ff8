/** Numbers as they are typed: what is read, what is refused, and what becomes of numbers that are not allowed. */
import { describe, expect, it } from 'vitest';
import { parseMilestones } from '../panels/PhaseForm.tsx';
import { limitText, parseWithin } from './NumberField.tsx';
import { nearestAllowed, numberProblem, numberText, parseNumber } from './numbers.ts';

describe('parseNumber', () => {
  it.each([
    ['1e-5', 1e-5],
    ['50K', 50_000],
    ['1.5m', 1_500_000],
    ['25 %', 0.25],
    ['491,520', 491_520],
    ['15 360', 15_360],
    ['15\u202f360', 15_360],
    ['1_000_000', 1e6],
    ['1.5G', 1.5e9],
    ['−2', -2],
    [' .5 ', 0.5],
    ['-3', -3],
    ['0,5', 0.5],
    ['1,5', 1.5],
    ['15,36', 15.36],
    ['0,500', 0.5],
    ['5,0e-4', 5e-4],
    ['1.234,5', 1234.5],
    [',25', 0.25],
    ['12,5 %', 0.125],
    ['1,234', 1234],
  ])('reads %s', (text, value) => expect(parseNumber(text)).toBeCloseTo(value, 12));

  it.each(['', 'a', '1e', '--2', '5 apples', '0x10', '0,', '1,2,3', '1,23,4', '1/8'])('does not read "%s"', (text) =>
    expect(parseNumber(text)).toBeNaN(),
  );

  it('accepts the unit of its field after the number', () => {
    expect(parseNumber('15,360 DReLUs', 'DReLUs')).toBe(15_360);
    expect(parseNumber('64 of 128', 'of 128')).toBe(64);
    expect(parseNumber('50 K images', 'images')).toBe(50_000);
  });

  it('counts in percent in a percent field, fractions included', () => {
    expect(parseNumber('25 %', '%')).toBe(25);
    expect(parseNumber('25', '%')).toBe(25);
    expect(parseNumber('1/8', '%')).toBe(12.5);
  });

  it('reads back what it writes', () => {
    for (const value of [0, 1e-5, 3e-4, 0.01, 0.1, 491520, 1.1]) expect(parseNumber(numberText(value))).toBe(value);
  });
});

describe('numberProblem', () => {
  it('names the limit', () => {
    expect(numberProblem(NaN, {})).toBe('Enter a number.');
    expect(numberProblem(1.5, { whole: true })).toBe('Enter an integer.');
    expect(numberProblem(0, { min: 0, above: true })).toBe('Enter a number > 0.');
    expect(numberProblem(0, { min: 0 })).toBeNull();
    expect(numberProblem(1, { max: 1, below: true })).toBe('Enter a number < 1.');
    expect(numberProblem(17, { max: 16 })).toBe('Maximum: 16.');
  });
});

describe('leaving a field with a number that is not allowed', () => {
  it('sets the nearest allowed one, with a note', () => {
    expect(nearestAllowed(500, { max: 64 })).toEqual({ value: 64, note: 'Set to the maximum, 64.' });
    expect(nearestAllowed(-3, { min: 1, whole: true })).toEqual({ value: 1, note: 'Set to the minimum, 1.' });
    expect(nearestAllowed(3.7, { min: 1, whole: true })).toEqual({ value: 4, note: 'Rounded to 4.' });
  });

  it('sets none where there is no nearest one', () => {
    expect(nearestAllowed(-1, { min: 0, above: true })).toBeNull();
    expect(nearestAllowed(2, { max: 1, below: true })).toBeNull();
    expect(nearestAllowed(NaN, { min: 0 })).toBeNull();
  });

  it('accepts a decimal comma and refuses other text', () => {
    expect(parseWithin('0,5', {})).toEqual({ value: 0.5 });
    expect(parseWithin('half', {})).toEqual({ problem: 'Enter a number.', nearest: null });
    expect(parseWithin('15,360', { whole: true })).toEqual({ value: 15_360 });
  });
});

describe('limitText', () => {
  it('shortens only exact values', () => {
    expect([500_000, 1.5e9, 1234, 2e6, 12_340].map(limitText)).toEqual(['500K', '1.5G', '1.234K', '2M', '12.34K']);
    for (const value of [1, 999, 1001, 123_457, 555_555_555, 3.2e9]) expect(parseNumber(limitText(value))).toBe(value);
  });
});

describe('parseMilestones', () => {
  it('accepts increasing integers only', () => {
    expect(parseMilestones('80, 120')).toEqual([80, 120]);
    expect(parseMilestones('80 120;150')).toEqual([80, 120, 150]);
    expect(parseMilestones('')).toEqual([]);
    expect(parseMilestones('120, 80')).toBeNull();
    expect(parseMilestones('8.5')).toBeNull();
  });
});
