/** The built-in data set: deterministic to the byte, balanced, and not linearly separable by pixel means. */
import { expect, test } from 'vitest';
import { drawSynthetic, SYNTHETIC_CLASSES, SYNTHETIC_MEAN, SYNTHETIC_STD } from './synthetic.ts';
import { countPerClass } from './stats.ts';

const sha256 = async (bytes: Uint8Array): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))), (b) =>
    b.toString(16).padStart(2, '0'),
  ).join('');

test('the same seed draws the same bytes, on this machine as on the one where this sum was taken', async () => {
  const { images, labels } = drawSynthetic({ seed: 1, part: 'train', count: 200 });
  expect(await sha256(images)).toBe('f9d1c0904af51fd8393f37af6d019402871cffa0e4ec27906a31a3fd2655715b');
  expect(await sha256(Uint8Array.from(labels))).toBe(
    '4929e2b6dc9593df9409c38373902fefff8948becb96d97b892e14e805e99425',
  );
});

test('an image depends on seed, part and index, not on how many are drawn', () => {
  const all = drawSynthetic({ seed: 5, part: 'test', count: 40 });
  const some = drawSynthetic({ seed: 5, part: 'test', count: 7, first: 23 });
  expect(some.images).toEqual(all.images.subarray(23 * 3072, 30 * 3072));
  expect([...some.labels]).toEqual([...all.labels.subarray(23, 30)]);
});

test('seeds and parts give other images', () => {
  const first = (seed: number, part: 'train' | 'test') => drawSynthetic({ seed, part, count: 1 }).images;
  const three = [first(1, 'train'), first(2, 'train'), first(1, 'test')].map((image) => image.join());
  expect(new Set(three).size).toBe(3);
});

test('every ten images from a multiple of ten hold each class once, in no fixed order', () => {
  const { labels } = drawSynthetic({ seed: 3, part: 'train', count: 200 });
  for (let at = 0; at < 200; at += 10)
    expect(countPerClass(labels.subarray(at, at + 10), 10)).toEqual(SYNTHETIC_CLASSES.map(() => 1));
  expect(labels.subarray(0, 10).join()).not.toBe(labels.subarray(10, 20).join());
});

test('mean and deviation are those stated', () => {
  const { images, count } = drawSynthetic({ seed: 11, part: 'train', count: 1500 });
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < count; n++) {
      for (let i = (n * 3 + c) * 1024; i < (n * 3 + c + 1) * 1024; i++) {
        sum += images[i];
        squares += images[i] * images[i];
      }
    }
    const mean = sum / count / 1024 / 255;
    expect(mean).toBeCloseTo(SYNTHETIC_MEAN[c], 1);
    expect(Math.sqrt(squares / count / 1024 / 255 ** 2 - mean * mean)).toBeCloseTo(SYNTHETIC_STD[c], 1);
  }
});

test('no pixel’s mean tells the classes apart: a linear classifier has nothing to go by', () => {
  // Nearest class mean, fitted on 2,000 images, on 1,000 others: chance is 10 %.
  const train = drawSynthetic({ seed: 2, part: 'train', count: 2000 });
  const means = SYNTHETIC_CLASSES.map(() => new Float64Array(3072));
  for (let n = 0; n < 2000; n++)
    for (let i = 0; i < 3072; i++) means[train.labels[n]][i] += train.images[n * 3072 + i] / 200;
  const held = drawSynthetic({ seed: 2, part: 'test', count: 1000 });
  let right = 0;
  for (let n = 0; n < 1000; n++) {
    const distance = means.map((mean) => mean.reduce((sum, m, i) => sum + (m - held.images[n * 3072 + i]) ** 2, 0));
    if (distance.indexOf(Math.min(...distance)) === held.labels[n]) right++;
  }
  expect(right).toBeLessThan(250);
});

test('other sizes draw the same forms at another scale', () => {
  const set = drawSynthetic({ seed: 1, part: 'train', count: 3, size: 64 });
  expect(set.shape).toEqual([3, 64, 64]);
  expect(set.images.length).toBe(3 * 3 * 64 * 64);
  expect([...set.labels]).toEqual([...drawSynthetic({ seed: 1, part: 'train', count: 3 }).labels]);
});
