/** Kept DReLUs by channel, position and stage. */
import { expect, test } from 'vitest';
import { keptByChannel, keptByPosition, sumByStage } from './siteSums.ts';

const site = {
  id: 'layer1.0.gate1',
  shape: [2, 2, 3] as [number, number, number],
  kept: Uint8Array.of(1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0),
};

test('kept positions are summed by channel and by position', () => {
  expect(keptByChannel(site)).toEqual([2, 5]);
  expect(keptByPosition(site)).toEqual([2, 1, 2, 1, 1, 0]);
});

test('ReLU layers are summed by stage, in order', () => {
  const of = (id: string, stage: number, drelus: number) => ({
    id,
    stage,
    drelus,
    neurons: 12,
    multiplications: drelus,
    shape: site.shape,
  });
  expect(sumByStage([of('a', 2, 3), of('b', 1, 5), of('c', 2, 4)])).toEqual([
    { stage: 1, drelus: 5, neurons: 12, multiplications: 5 },
    { stage: 2, drelus: 7, neurons: 24, multiplications: 7 },
  ]);
});
