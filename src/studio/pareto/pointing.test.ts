/** Finding the point under the pointer. */
import { expect, test } from 'vitest';
import { nearestOf } from './pointing.ts';

test('own points win over published ones that are nearly as close', () => {
  const place = { drelus: 0, accuracy: 0 };
  const own = { kind: 'trail' as const, point: { ...place, drelus: 12, epoch: 0, phase: 'p' } };
  const published = {
    kind: 'published' as const,
    point: {
      ...place,
      drelus: 10,
      method: 'SNL',
      network: '',
      dataset: 'cifar-10' as const,
      source: '',
      confidence: '',
      note: '',
    },
  };
  const at = ({ drelus }: { drelus: number }) => [drelus, 0] as const;
  expect(nearestOf([own, published], 10, 0, at)).toBe(own);
  expect(nearestOf([own, published], 2, 0, ({ drelus }) => [drelus === 12 ? 20 : drelus, 0])).toBe(published);
  expect(nearestOf([own, published], 100, 0, at)).toBeNull();
});
