/** The data store: importing, restarting, removing, crashes and full disks. */
import { expect, test } from 'vitest';
import { arrange } from '../data/dataset.ts';
import { drawSynthetic } from '../data/synthetic.ts';
import { cifar10, cifar100, gzip, joinBytes, tar } from '../data/testing.ts';
import { MemoryFolder, NoSpaceError } from './byteFolder.ts';
import { DataStore } from './dataStore.ts';

const file = (name: string, bytes: Uint8Array): File => new File([bytes as Uint8Array<ArrayBuffer>], name);
const choice = { name: 'cifar-10' as const, trainImages: null, testImages: null, syntheticSeed: 1 };

/** A folder whose writes fail on demand. */
class FaultyFolder extends MemoryFolder {
  override async remove(name: string): Promise<void> {
    this.room += (await this.size(name)) ?? 0;
    await super.remove(name);
  }

  /** Free space in bytes. */
  room = Infinity;
  /** Interrupts the next write to the index halfway, as a crash does. */
  tearIndex = false;

  override async write(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const before = (await this.size(name)) ?? 0;
    if (bytes - before > this.room) throw new NoSpaceError('full');
    this.room -= bytes - before;
    if (this.tearIndex && name.startsWith('index')) {
      await super.write(name, [pieces[0].subarray(0, pieces[0].length >> 1)]);
      throw new TypeError('crash');
    }
    await super.write(name, pieces);
  }
}

test('imported data are listed, loaded and found after a restart', async () => {
  const folder = new MemoryFolder();
  const store = await DataStore.open(folder);
  const bytes = cifar10(400, 1);
  const progress: string[] = [];
  const reports = await store.import([file('data_batch_1.bin', bytes), file('test_batch.bin', cifar10(10, 2))], {
    onProgress: (name, done, total) => progress.push(`${name} ${done}/${total}`),
  });
  expect(reports.map(({ outcome }) => outcome.ok)).toEqual([true, true]);
  expect(progress).toEqual(['data_batch_1.bin 1229200/1229200']);

  const again = await DataStore.open(folder);
  const [builtIn, held] = await again.list();
  expect(builtIn).toMatchObject({ name: 'synthetic', bytes: 0, files: [] });
  expect(held).toMatchObject({
    name: 'cifar-10',
    train: { images: 400, perClass: Array.from({ length: 10 }, () => 40) },
    test: { images: 10 },
    bytes: 410 * 3073,
    shape: [3, 32, 32],
  });
  expect(held.files.map(({ name, part, images }) => [name, part, images])).toEqual([
    ['data_batch_1.bin', 'train', 400],
    ['test_batch.bin', 'test', 10],
  ]);
  const data = await again.load(choice);
  expect(data.train.images.subarray(399 * 3072)).toEqual(bytes.subarray(399 * 3073 + 1));
  expect([...data.test.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(arrange(data, { ...choice, validationShare: 0.1 }, 1).validation.length).toBe(40);
});

test('a second import adds to the first and refuses duplicates', async () => {
  const store = await DataStore.open(new MemoryFolder());
  await store.import([file('data_batch_2.bin', cifar10(5, 2))]);
  const reports = await store.import([file('data_batch_1.bin', cifar10(4, 1)), file('copy_train.bin', cifar10(5, 2))]);
  expect(reports.map(({ outcome }) => (outcome.ok ? outcome.images : outcome.message))).toEqual([
    4,
    'copy_train.bin: holds the same 5 images as data_batch_2.bin, which is already loaded. Nothing was added: leave it out.',
  ]);
  const { train } = await store.load(choice);
  // Shards in the order of their names, not of their arrival.
  expect([...train.labels]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 4]);
});

test('several data sets are kept; class names come from the meta file', async () => {
  const store = await DataStore.open(new MemoryFolder());
  const classes = Array.from({ length: 10 }, (_, i) => `kind_${i}`);
  const archive = await gzip(
    tar([
      { name: 'batches.meta.txt', data: joinBytes(classes.join('\n')) },
      { name: 'test_batch.bin', data: cifar10(6) },
    ]),
  );
  await store.import([file('a.tar.gz', archive)]);
  await store.import([file('train.bin', cifar100(7))]);
  const list = await store.list();
  expect(list.map(({ name }) => name)).toEqual(['synthetic', 'cifar-10', 'cifar-100']);
  expect(list[1].classes).toEqual(classes);
  expect(list[2].classes[99]).toBe('worm');
});

test('a removed data set can be restored until the next start', async () => {
  const folder = new MemoryFolder();
  const store = await DataStore.open(folder);
  await store.import([file('train.bin', cifar10(5))]);
  await store.remove('cifar-10');
  expect((await store.list()).map(({ name }) => name)).toEqual(['synthetic']);
  await expect(store.load(choice)).rejects.toThrow('CIFAR-10: is not loaded. Drop its files anywhere on the page.');
  await store.restore('cifar-10');
  expect((await store.load(choice)).train.count).toBe(5);
  await store.remove('cifar-10');
  await DataStore.open(folder);
  expect((await folder.names()).filter((name) => name.endsWith('.shard'))).toEqual([]);
  await expect(store.restore('cifar-10')).rejects.toThrow(/cannot be restored/);
});

test('an import after a removal starts an empty data set', async () => {
  const store = await DataStore.open(new MemoryFolder());
  await store.import([file('train.bin', cifar10(5)), file('test.bin', cifar10(3, 9))]);
  await store.remove('cifar-10');
  const [report] = await store.import([file('train.bin', cifar10(5))]);
  expect(report.outcome.ok).toBe(true);
  const data = await store.load(choice);
  expect([data.train.count, data.test.count]).toEqual([5, 0]);
});

test('a crash while the index is written loses only that shard', async () => {
  const folder = new FaultyFolder();
  const store = await DataStore.open(folder);
  await store.import([file('train1.bin', cifar10(5, 1))]);
  folder.tearIndex = true;
  await expect(store.import([file('train2.bin', cifar10(4, 2))])).rejects.toThrow('crash');
  folder.tearIndex = false;
  const again = await DataStore.open(folder);
  expect((await again.load(choice)).train.count).toBe(5);
  expect((await folder.names()).filter((name) => name.endsWith('.shard'))).toHaveLength(1);
  await again.import([file('train2.bin', cifar10(4, 2))]);
  expect((await (await DataStore.open(folder)).load(choice)).train.count).toBe(9);
});

test('a damaged shard is dropped at the next start, the others are kept', async () => {
  const folder = new MemoryFolder();
  const store = await DataStore.open(folder);
  await store.import([file('train1.bin', cifar10(5, 1)), file('train2.bin', cifar10(4, 2))]);
  const [first] = (await folder.names()).filter((name) => name.endsWith('.shard'));
  await folder.write(first, [new Uint8Array(7)]);
  const { train } = await (await DataStore.open(folder)).load(choice);
  expect(train.count).toBe(4);
});

test('a full disk refuses a file with one sentence, keeps loaded data and accepts a smaller file', async () => {
  const folder = new FaultyFolder();
  const store = await DataStore.open(folder);
  await store.import([file('train1.bin', cifar10(5, 1))]);
  folder.room = 40_000;
  const reports = await store.import([file('train2.bin', cifar10(50, 2)), file('train3.bin', cifar10(3, 3))]);
  expect(reports.map(({ outcome }) => (outcome.ok ? outcome.images : outcome.message))).toEqual([
    "train2.bin: there is not enough space for it (0.2 MB) in this browser's storage. Remove a data set or free space on the disk.",
    3,
  ]);
  expect((await store.load(choice)).train.count).toBe(8);
});

test('removed data are deleted to make space for an import', async () => {
  const folder = new FaultyFolder();
  folder.room = 200_000;
  const store = await DataStore.open(folder);
  await store.import([file('train.bin', cifar10(50, 1))]);
  await store.remove('cifar-10');
  const [report] = await store.import([file('train.bin', cifar100(50, 2))]);
  expect(report.outcome.ok).toBe(true);
  await expect(store.restore('cifar-10')).rejects.toThrow(/cannot be restored/);
});

test('cancelling keeps the finished files', async () => {
  const store = await DataStore.open(new MemoryFolder());
  const stop = new AbortController();
  const importing = store.import([file('train1.bin', cifar10(5, 1)), file('train2.bin', cifar10(4, 2))], {
    signal: stop.signal,
    onReport: () => stop.abort(),
  });
  await expect(importing).rejects.toThrow(/abort/i);
  expect((await store.load(choice)).train.count).toBe(5);
});

test('in folders, files without data are skipped', async () => {
  const store = await DataStore.open(new MemoryFolder());
  const reports = await store.import([file('notes.txt', joinBytes('hello')), file('a.bin', cifar10(2))], {
    paths: ['cifar/notes.txt', 'cifar/test/a.bin'],
  });
  expect(reports).toEqual([
    { file: 'cifar/test/a.bin', outcome: { ok: true, images: 2, dataset: 'cifar-10', part: 'test' } },
  ]);
});

test('thumbnails are the requested images across shards, as RGBA', async () => {
  const store = await DataStore.open(new MemoryFolder());
  const [one, two] = [cifar10(5, 1), cifar10(4, 2)];
  await store.import([file('train1.bin', one), file('train2.bin', two)]);
  const { width, height, rgba, labels } = await store.thumbnails('cifar-10', 'train', [7, 0, 99]);
  expect([width, height, labels]).toEqual([32, 32, [2, 0]]);
  expect(rgba.length).toBe(2 * 1024 * 4);
  const pixel = 5 * 32 + 9;
  const planes = two.subarray(2 * 3073 + 1, 3 * 3073);
  expect([...rgba.subarray(pixel * 4, pixel * 4 + 4)]).toEqual([
    planes[pixel],
    planes[1024 + pixel],
    planes[2048 + pixel],
    255,
  ]);
  const drawn = await store.thumbnails('synthetic', 'test', [12], 5);
  expect(drawn.rgba[0]).toBe(drawSynthetic({ seed: 5, part: 'test', count: 13 }).images[12 * 3072]);
});
