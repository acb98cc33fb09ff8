/** Data sets read from the paths of --data, and the errors for paths that cannot be used. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cifar10, cifar100, gzip, tar } from '../data/testing.ts';
import { readDataPaths } from './paths.ts';
import type { WantedData } from './paths.ts';

const wanted: WantedData = { name: 'cifar-10', trainImages: null, testImages: null, syntheticSeed: 7 };
let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paths-'));
  mkdirSync(at('set/deep'), { recursive: true });
  mkdirSync(at('empty'));
  writeFileSync(at('set/data_batch_10.bin'), cifar10(4, 10));
  writeFileSync(at('set/data_batch_2.bin'), cifar10(3, 2));
  writeFileSync(at('set/deep/test_batch.bin'), cifar10(2, 3));
  writeFileSync(at('set/readme.html'), '<html>');
  writeFileSync(at('set/.hidden'), 'x');
  symlinkSync(at('set'), at('set/deep/loop'));
  writeFileSync(at('shard.bin'), cifar10(5, 4));
  writeFileSync(at('fine_test.bin'), cifar100(5, 4));
  const mixed = [
    { name: 'a.bin', data: cifar10(3, 8) },
    { name: 'train.bin', data: cifar10(2, 9) },
  ];
  writeFileSync(at('test-things.tar'), tar(mixed));
  writeFileSync(at('cut.bin'), cifar10(5, 5).subarray(0, 9000));
  writeFileSync(at('all.tar.gz'), await gzip(tar([{ name: 'x/data_batch_1.bin', data: cifar10(6, 6) }])));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('reads a folder recursively, through links, with shards in natural order', async () => {
  const { train, test: tested, classes } = await readDataPaths([at('set')], wanted);
  expect([train.count, tested.count]).toEqual([7, 2]);
  // batch 2 before batch 10
  expect([...train.labels]).toEqual([0, 1, 2, 0, 1, 2, 3]);
  expect(train.images.subarray(0, 3072)).toEqual(cifar10(3, 2).subarray(1, 3073));
  expect(classes[9]).toBe('truck');
});

test('takes the split of a file from the argument', async () => {
  const { train, test: tested } = await readDataPaths([at('all.tar.gz'), `test=${at('shard.bin')}`], wanted);
  expect([train.count, tested.count]).toEqual([6, 5]);
});

test('applies the split of a folder or archive only to files whose names do not tell it', async () => {
  const { train, test: tested } = await readDataPaths([`train=${at('set')}`], wanted);
  expect([train.count, tested.count]).toEqual([7, 2]);
  const packed = await readDataPaths([`test=${at('test-things.tar')}`], wanted);
  expect(packed).toMatchObject({ train: { count: 2 }, test: { count: 3 } });
});

test('generates the synthetic data set from the experiment’s seed and counts', async () => {
  const choice: WantedData = { name: 'synthetic', trainImages: 30, testImages: 10, syntheticSeed: 7 };
  const named = await readDataPaths(['synthetic'], choice);
  expect([named.train.count, named.test.count]).toEqual([30, 10]);
  expect((await readDataPaths([], choice)).train.images).toEqual(named.train.images);
});

const refused: [what: string, paths: string[], message: RegExp][] = [
  ['no such path', ['nowhere.bin'], /^nowhere\.bin: there is no such file or folder/],
  ['an empty folder', ['empty'], /the folder is empty/],
  [
    'a part that nothing names',
    ['shard.bin'],
    /nothing says whether it holds training or test images\. Write train=.*shard\.bin or test=/,
  ],
  [
    'a file cut off',
    ['set', 'cut.bin'],
    /9,000 bytes is not a whole number of CIFAR-10 records \(3,073 bytes each; 2,854 left over\)/,
  ],
  ['the same shard twice', ['set', 'set/data_batch_2.bin'], /holds the same 3 images as .*data_batch_2\.bin/],
  [
    'CIFAR-100 for an experiment on CIFAR-10',
    ['fine_test.bin'],
    /this is CIFAR-100, but the experiment trains on CIFAR-10/,
  ],
  [
    'CIFAR-100 among CIFAR-10',
    ['set', 'fine_test.bin'],
    /this is CIFAR-100, but .*, chosen together with it, is CIFAR-10/,
  ],
];
test.each(refused)('refuses %s in one line', async (_, paths, message) => {
  const full = paths.map((path) => (path.startsWith('nowhere') ? path : at(path)));
  const error = await readDataPaths(full, wanted).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'DataError' });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('\n');
});

test('reports missing paths, and synthetic mixed with files', async () => {
  await expect(readDataPaths([], wanted)).rejects.toThrow(/--data: the experiment trains on CIFAR-10/);
  await expect(readDataPaths(['synthetic', at('set')], wanted)).rejects.toThrow(/cannot be mixed/);
  await expect(readDataPaths(['synthetic'], wanted)).rejects.toThrow(
    /built-in data, but the experiment trains on CIFAR-10/,
  );
});
