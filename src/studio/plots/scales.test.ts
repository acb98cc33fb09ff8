/** Ticks and pixel positions of linear and logarithmic axes. */
import { expect, test } from 'vitest';
import { linearScale, linearTicks, logDomain, logScale, logTicks } from './scales.ts';

test('logarithmic ticks are 1, 2 and 5 times powers of ten', () => {
  expect(logTicks(5e3, 2e5)).toEqual([5e3, 1e4, 2e4, 5e4, 1e5, 2e5]);
  expect(logTicks(0.02, 1)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
});

test('logarithmic ticks are powers of ten where there would be too many', () => {
  expect(logTicks(1, 1e6)).toEqual([1, 10, 100, 1e3, 1e4, 1e5, 1e6]);
});

test('a logarithmic domain ends at ticks beyond the positive values', () => {
  expect(logDomain([12_900, 500_000])).toEqual([1e4, 1e6]);
  expect(logDomain([0, 61_440])).toEqual([5e4, 1e5]);
  expect(logDomain([0.013, 104])).toEqual([0.01, 200]);
  expect(logDomain([])).toEqual([1e3, 1e6]);
});

test('linear ticks cover the values in round steps', () => {
  expect(linearTicks(57.6, 76)).toEqual([55, 60, 65, 70, 75, 80]);
  expect(linearTicks(0.12, 0.31, 4)).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
});

test('scales map their domain onto pixels, values below a logarithmic domain onto its end', () => {
  const x = logScale([1e3, 1e5], [0, 200]);
  expect([x(1e3), x(1e4), x(1e5), x(0)].map(Math.round)).toEqual([0, 100, 200, 0]);
  const y = linearScale([0, 50, 100], [300, 0]);
  expect([y(0), y(50), y(100)]).toEqual([300, 150, 0]);
});
