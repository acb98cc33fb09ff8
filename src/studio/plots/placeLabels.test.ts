/** Places of labels beside points. */
import { expect, test } from 'vitest';
import { placeLabels } from './placeLabels.ts';

const area = { x: 0, y: 0, width: 300, height: 100 };

test('a label is right of its point where there is room', () => {
  expect(placeLabels([{ key: 'a', text: 'SNL', x: 50, y: 50 }], area)).toEqual([
    { key: 'a', text: 'SNL', x: 60, y: 50, anchor: 'start' },
  ]);
});

test('the later of two at one point moves away', () => {
  const [first, second] = placeLabels(
    [
      { key: 'a', text: 'SNL', x: 50, y: 50 },
      { key: 'b', text: 'SENet', x: 50, y: 52 },
    ],
    area,
  );
  expect(Math.abs(first.y - second.y)).toBeGreaterThanOrEqual(14);
});

test('a label at the right edge moves to the left, and one without room is left out', () => {
  expect(placeLabels([{ key: 'a', text: 'DeepReDuce', x: 295, y: 50 }], area)[0].anchor).toBe('end');
  expect(placeLabels([{ key: 'a', text: 'SNL', x: 50, y: 50 }], area, [area])).toEqual([]);
});

test('a label is left of its point on request', () => {
  expect(placeLabels([{ key: 'a', text: 'SNL', x: 150, y: 50, left: true }], area)).toEqual([
    { key: 'a', text: 'SNL', x: 140, y: 50, anchor: 'end' },
  ]);
});
