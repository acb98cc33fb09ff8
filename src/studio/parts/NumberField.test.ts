import { describe, expect, it } from 'vitest';
import { parseMilestones } from '../panels/PhaseForm.tsx';
import { numberProblem, numberText, parseNumber } from './NumberField.tsx';

describe('parseNumber', () => {
  it.each([
    ['1e-5', 1e-5],
    ['50K', 50_000],
    ['1.5m', 1_500_000],
    ['25 %', 0.25],
    ['491,520', 491_520],
    [' .5 ', 0.5],
    ['-3', -3],
  ])('reads %s', (text, value) => expect(parseNumber(text)).toBeCloseTo(value, 12));

  it.each(['', 'a', '1e', '--2', '5 apples', '0x10'])('takes "%s" for no number', (text) =>
    expect(parseNumber(text)).toBeNaN(),
  );

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

describe('parseMilestones', () => {
  it('wants rising whole numbers', () => {
    expect(parseMilestones('80, 120')).toEqual([80, 120]);
    expect(parseMilestones('80 120;150')).toEqual([80, 120, 150]);
    expect(parseMilestones('')).toEqual([]);
    expect(parseMilestones('120, 80')).toBeNull();
    expect(parseMilestones('8.5')).toBeNull();
  });
});
