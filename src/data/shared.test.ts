/**
 * The readers on real CIFAR files. The sums were made by another reader (numpy and Python's own tarfile and pickle): SHA-256 of
 * the pixels as N × 3072 bytes and of the labels as bytes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from './dataset.ts';
import { CIFAR100 } from './formats.ts';
import { importSources } from './importer.ts';
import type { KeptShard } from './importer.ts';
import { countPerClass } from './stats.ts';
import { sourceOf } from './testing.ts';
import type { DataSet } from './types.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Development data beside the project. */
const SHARED = '../shared/data';

const absent = !existsSync(SHARED);
if (absent) process.stdout.write(`Skipped: the checks on real CIFAR files (${SHARED} is absent).\n`);

/** Reads shared files as one data set. */
async function load(...paths: string[]): Promise<{ data: DataSet; names: string[] }> {
  const kept: KeptShard[] = [];
  let names: string[] = [];
  const sources = paths.map((path) => sourceOf(path, new Uint8Array(readFileSync(join(SHARED, path)))));
  const reports = await importSources(sources, {
    keep: (shard) => Promise.resolve(void kept.push(shard)),
    names: (_, list) => void (names = list),
  });
  expect(reports.every(({ outcome }) => outcome.ok)).toBe(true);
  return { data: await assemble(kept[0].dataset, kept, (shard) => Promise.resolve(shard)), names };
}

/** Pixels and labels of the small archives, train then test; the binary and the Python form hold the same. */
const SMALL = {
  'cifar-10': [
    [
      300,
      '604b63273b3053c159f1f34a0beba6df18694caf30a1bd321851a5e57dfcf503',
      'b71fa10df82434e5546404d2b033b1ed770cea0dad2641eff3d051295bbea28d',
    ],
    [
      200,
      '65cd8c388b51467543627f68f5baaedcfc5cd0491e2a6aafa7fed3f04eaa3fd1',
      'ff6ed08bdc819074117b40b2d2958d085d7d9a913dbd06b6a917ef65374d3724',
    ],
  ],
  'cifar-100': [
    [
      300,
      '8e74429d33f835e8cb9c393582f04001cce7c1d1faef013d208cebf49545c84f',
      'ef21fdb05abdc42eca016e8314d345b9dc9da6288acff10a4ab657a7dfc1ca83',
    ],
    [
      200,
      '5e8ec8f94e5e00a960ec2cfc885f8adcb87a96c9edefa8733059c4f8cd51062b',
      '20bb6781a4989db874edf919a3567decd4f7b69c66f5e810820c5b2428d645e4',
    ],
  ],
};

for (const name of ['cifar-10', 'cifar-100'] as const) {
  for (const form of ['binary', 'python'] as const) {
    test.skipIf(absent)(`${name}-${form} archive: pixels, labels and names as numpy reads them`, async () => {
      const { data, names } = await load(`archives/${name}-${form}-small.tar.gz`);
      expect(data.name).toBe(name);
      expect(names).toEqual([...data.classes]);
      const sums = [data.train, data.test].map(({ count, images, labels }) => [
        count,
        sha256(images),
        sha256(Uint8Array.from(labels)),
      ]);
      expect(sums).toEqual(SMALL[name]);
    });
  }
}

test.skipIf(absent)('full CIFAR-10 shards: 10,000 images each, pixels and labels as numpy reads them', async () => {
  const loaded = await load('cifar-10-batches-bin/data_batch_1.bin', 'cifar-10-batches-bin/test_batch.bin');
  const { train, test: tested } = loaded.data;
  expect(sha256(train.images)).toBe('a50e8b48728e1667d682a807155c375279d5ae321fb12242c02e3104a6bc8b21');
  expect(sha256(Uint8Array.from(train.labels))).toBe(
    'd829dbdf32167c9d7b3687cee66d92d80d46c441308b5aca0d11e8b69e27dac9',
  );
  expect(countPerClass(train.labels, 10)).toEqual([1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]);
  expect(sha256(tested.images)).toBe('177777c33ba79825320efa646ad04a94bdc3c80e4ebe3bd21724f8cdfd4b9d56');
  expect(countPerClass(tested.labels, 10)).toEqual(Array.from({ length: 10 }, () => 1000));
});

test.skipIf(absent)('full CIFAR-100 shards and their names', async () => {
  const loaded = await load(
    'cifar-100-binary/train-first-10000.bin',
    'cifar-100-binary/test.bin',
    'cifar-100-binary/fine_label_names.txt',
  );
  const { train, test: tested } = loaded.data;
  expect(loaded.names).toEqual(CIFAR100.classes);
  expect(sha256(train.images)).toBe('f321cd6c9d09661fcb23d35fc5aea16a992b73856ca4c5117604d61df4c5c017');
  expect(sha256(Uint8Array.from(train.labels))).toBe(
    '26cd9458e5272a1c7e28ee0624bcf35628c240f3e203e580f927d95cfa81f269',
  );
  expect(sha256(tested.images)).toBe('83c56492b2c11211ad1bb2dbd4f2eef4170a0441e41a41f3039c3144b1f5a511');
  expect(countPerClass(tested.labels, 100)).toEqual(Array.from({ length: 100 }, () => 100));
});
