import { describe, expect, it } from 'vitest';
import { parseMilestones } from '../panels/PhaseForm.tsx';
import { limitText, readNumber } from './NumberField.tsx';
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
  ])('reads %s', (text, value) => expect(parseNumber(text)).toBeCloseTo(value, 12));

  it.each(['', 'a', '1e', '--2', '5 apples', '0x10', '0,5', '1,5', '0,500', '15,36', '1/8'])(
    'takes "%s" for no number',
    (text) => expect(parseNumber(text)).toBeNaN(),
  );

  it('takes the unit of its field behind the number', () => {
    expect(parseNumber('15,360 DReLUs', 'DReLUs')).toBe(15_360);
    expect(parseNumber('64 of 128', 'of 128')).toBe(64);
    expect(parseNumber('50 K images', 'images')).toBe(50_000);
  });

  it('counts in percent where percent is asked, fractions included', () => {
    expect(parseNumber('25 %', '%')).toBe(25);
    expect(parseNumber('25', '%')).toBe(25);
    expect(parseNumber('1/8', '%')).toBe(12.5);
  });

  it('reads back what it writes', () => {
    for (const value of [0, 1e-5, 3e-4, 0.01, 0.1, 491520, 1.1]) expect(parseNumber(numberText(value))).toBe(value);
  });
});

describe('numberProblem', () => {
  it('says what is asked', () => {
    expect(numberProblem(NaN, {})).toBe('Give a number.');
    expect(numberProblem(1.5, { whole: true })).toBe('Give a whole number.');
    expect(numberProblem(0, { min: 0, above: true })).toBe('Must be above 0.');
    expect(numberProblem(0, { min: 0 })).toBeNull();
    expect(numberProblem(1, { max: 1, below: true })).toBe('Must be below 1.');
    expect(numberProblem(17, { max: 16 })).toBe('At most 16.');
  });
});

describe('leaving a field with a number that is not allowed', () => {
  it('takes the nearest that is, and says so', () => {
    expect(nearestAllowed(500, { max: 64 })).toEqual({ value: 64, told: '64 is the most.' });
    expect(nearestAllowed(-3, { min: 1, whole: true })).toEqual({ value: 1, told: '1 is the least.' });
    expect(nearestAllowed(3.7, { min: 1, whole: true })).toEqual({ value: 4, told: 'Rounded to 4.' });
  });

  it('takes none where none is nearest', () => {
    expect(nearestAllowed(-1, { min: 0, above: true })).toBeNull();
    expect(nearestAllowed(2, { max: 1, below: true })).toBeNull();
    expect(nearestAllowed(NaN, { min: 0 })).toBeNull();
  });

  it('tells a decimal comma from other text', () => {
    expect(readNumber('0,5', {})).toEqual({ problem: 'Decimals take a point: 0.5.', nearest: null });
    expect(readNumber('half', {})).toEqual({ problem: 'Give a number.', nearest: null });
    expect(readNumber('15,360', { whole: true })).toEqual({ value: 15_360 });
  });
});

describe('limitText', () => {
  it('shortens only what it can say exactly', () => {
    expect([500_000, 1.5e9, 1234, 2e6, 12_340].map(limitText)).toEqual(['500K', '1.5G', '1.234K', '2M', '12.34K']);
    for (const value of [1, 999, 1001, 123_457, 555_555_555, 3.2e9]) expect(parseNumber(limitText(value))).toBe(value);
  });
});

describe('parseMilestones', () => {
  it('wants rising whole numbers', () => {
    expect(parseMilestones('80, 120')).toEqual([80, 120]);
    expect(parseMilestones('80 120;150')).toEqual([80, 120, 150]);
    expect(parseMilestones('')).toEqual([]);
    expect(parseMilestones('120, 80')).toBeNull();
    expect(parseMilestones('8.5')).toBeNull();
  });
});
