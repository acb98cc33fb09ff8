/** Which item of a group the arrow keys lead to. */
import { expect, test } from 'vitest';
import { rovingTarget } from './rovingFocus.ts';

test('arrow keys move by one and stop at the ends', () => {
  expect(rovingTarget('ArrowRight', 1, 3)).toBe(2);
  expect(rovingTarget('ArrowDown', 2, 3)).toBe(2);
  expect(rovingTarget('ArrowLeft', 1, 3)).toBe(0);
  expect(rovingTarget('ArrowUp', 0, 3)).toBe(0);
});

test('Home and End move to the ends', () => {
  expect(rovingTarget('Home', 2, 5)).toBe(0);
  expect(rovingTarget('End', 2, 5)).toBe(4);
});

test('other keys and elements outside the group move nothing', () => {
  expect(rovingTarget('Enter', 1, 3)).toBeNull();
  expect(rovingTarget('ArrowRight', -1, 3)).toBeNull();
});
