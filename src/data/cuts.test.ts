/** Splits, selections and downscaling of data sets: exact counts, determinism, and views instead of copies. */
import { expect, test } from 'vitest';
import { arrange, assemble, syntheticDataSet } from './dataset.ts';
import { compareNatural } from './order.ts';
import { Random } from '../domain/random.ts';
import { shrink } from './resize.ts';
import { splitValidation } from './split.ts';
import { countPerClass } from './stats.ts';

test('the split takes the asked share of every class, all images once, the same for the same seed', () => {
  const labels = Uint8Array.from({ length: 1003 }, (_, i) => (i * i) % 7);
  const { train, validation } = splitValidation(labels, 7, 0.1, 4);
  expect(validation.length).toBe(100);
  expect([...train, ...validation].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1003 }, (_, i) => i));
  const all = countPerClass(labels, 7);
  const held = countPerClass(
    Array.from(validation, (i) => labels[i]),
    7,
  );
  held.forEach((n, c) => expect(Math.abs(n - all[c] * 0.1)).toBeLessThan(1));
  expect(splitValidation(labels, 7, 0.1, 4).validation).toEqual(validation);
  expect(splitValidation(labels, 7, 0.1, 5).validation).not.toEqual(validation);
});

test('a share of nothing holds nothing out', () => {
  const { train, validation } = splitValidation(new Uint8Array(12), 10, 0, 1);
  expect([train.length, validation.length]).toEqual([12, 0]);
});

test('shuffles reach every order about equally often', () => {
  const random = new Random(9);
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const key = random.shuffle([0, 1, 2]).join('');
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  // Binomial(6000, 1/6): deviation 29.
  for (const n of seen.values()) expect(Math.abs(n - 1000)).toBeLessThan(150);
});

test('uniform draws fill their range evenly', () => {
  const random = new Random(1, 2, 3);
  const bins = Array.from({ length: 16 }, () => 0);
  for (let i = 0; i < 16_000; i++) bins[Math.floor(random.unit() * 16)]++;
  const chiSquare = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  // 15 degrees of freedom: 0.999 quantile 37.7.
  expect(chiSquare).toBeLessThan(37.7);
});

test('shards follow one another by name, whatever the order they came in', async () => {
  const shard = (file: string, label: number) => ({
    file,
    hash: file,
    part: 'train' as const,
    images: new Uint8Array(3072).fill(label),
    labels: Uint8Array.of(label),
    count: 1,
    shape: [3, 32, 32] as [number, number, number],
  });
  const shards = [shard('a.tar.gz → c/data_batch_10.bin', 3), shard('data_batch_2', 2), shard('z/Data_Batch_1.bin', 1)];
  const data = await assemble('cifar-10', shards, (own) => Promise.resolve(own));
  expect([...data.train.labels]).toEqual([1, 2, 3]);
  expect(data.train.images[2 * 3072]).toBe(3);
  expect(data.test.count).toBe(0);
  expect(compareNatural('batch_9', 'batch_10')).toBeLessThan(0);
});

test('shrinking averages areas, rounding half up', () => {
  const set = syntheticDataSet(1, 3, 1).train;
  const small = shrink(set, 4);
  expect(small.shape).toEqual([3, 8, 8]);
  let sum = 0;
  for (let y = 8; y < 12; y++) for (let x = 20; x < 24; x++) sum += set.images[3072 + 1024 + y * 32 + x];
  expect(small.images[192 + 64 + 2 * 8 + 5]).toBe(Math.round(sum / 16));
  expect(shrink({ ...set, images: Uint8Array.of(0, 1, 0, 1), count: 1, shape: [1, 2, 2] }, 2).images).toEqual(
    Uint8Array.of(1),
  );
  expect(() => shrink(set, 3)).toThrow(/divide/);
});

test('arranging cuts, splits and joins: every index finds its own image and label', () => {
  const data = syntheticDataSet(4, 60, 30);
  const {
    images,
    train,
    validation,
    test: tested,
  } = arrange(data, { trainImages: 50, testImages: 20, validationShare: 0.2 }, 3);
  expect([images.count, train.length, validation.length, tested.length]).toEqual([70, 40, 10, 20]);
  expect([...train, ...validation].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(images.images.subarray(7 * 3072, 8 * 3072)).toEqual(data.train.images.subarray(7 * 3072, 8 * 3072));
  expect(images.images.subarray(tested[3] * 3072, (tested[3] + 1) * 3072)).toEqual(
    data.test.images.subarray(3 * 3072, 4 * 3072),
  );
  expect([...images.labels]).toEqual([...data.train.labels.subarray(0, 50), ...data.test.labels.subarray(0, 20)]);
});

test('more images asked for than there are: all of them', () => {
  const { train, test: tested } = arrange(
    syntheticDataSet(4, 20, 10),
    { trainImages: 99, testImages: null, validationShare: 0 },
    1,
  );
  expect([train.length, tested.length]).toEqual([20, 10]);
});

test('a data set read from shards is passed on without a copy', async () => {
  const shard = (part: 'train' | 'test', fill: number) => ({
    file: part,
    hash: part,
    part,
    images: new Uint8Array(2 * 3072).fill(fill),
    labels: Uint8Array.of(1, 2),
    count: 2,
    shape: [3, 32, 32] as [number, number, number],
  });
  const data = await assemble('cifar-10', [shard('test', 5), shard('train', 4)], (own) => Promise.resolve(own));
  const { images } = arrange(data, { trainImages: null, testImages: null, validationShare: 0.5 }, 1);
  expect(images.images.buffer).toBe(data.train.images.buffer);
  expect(images.images[0] * 10 + images.images[images.images.length - 1]).toBe(45);
});

test('a smaller network input shrinks the images; nothing to train on is refused', () => {
  const data = syntheticDataSet(4, 20, 10);
  const choice = { trainImages: null, testImages: null, validationShare: 0.1 };
  expect(arrange(data, choice, 1, [3, 16, 16]).images.shape).toEqual([3, 16, 16]);
  expect(() => arrange({ ...data, train: syntheticDataSet(1, 0, 0).train }, choice, 1)).toThrow(
    /no training images are loaded, only 10 test/,
  );
  expect(() => arrange(data, { ...choice, validationShare: 1 }, 1)).toThrow(/leaves none of 20 images/);
});
