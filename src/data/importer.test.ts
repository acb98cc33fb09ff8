/** The import pipeline: what is read from files, archives and folders, and how it is reported. */
import { beforeEach, describe, expect, test } from 'vitest';
import { collector, cifar10, cifar100, gzip, joinBytes, pickledBatch, sourceOf, tar } from './testing.ts';

let { kept, read } = collector();
beforeEach(() => ({ kept, read } = collector()));

const pixelsOf = (records: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat(split(records)));
const split = (records: Uint8Array): Uint8Array[] =>
  Array.from({ length: records.length / 3073 }, (_, n) => records.subarray(n * 3073 + 1, (n + 1) * 3073));

const archive = (members: [string, Uint8Array][]): Promise<Uint8Array> =>
  gzip(tar(members.map(([name, data]) => ({ name, data }))));

describe('what is read', () => {
  test('loose shards under any name, their parts by name', async () => {
    const reports = await read([sourceOf('train-a', cifar10(5, 1)), sourceOf('my test.dat', cifar10(4, 2))]);
    expect(reports).toEqual([
      { file: 'train-a', outcome: { ok: true, images: 5, dataset: 'cifar-10', part: 'train' } },
      { file: 'my test.dat', outcome: { ok: true, images: 4, dataset: 'cifar-10', part: 'test' } },
    ]);
    expect(kept.map(({ part, count }) => [part, count])).toEqual([
      ['train', 5],
      ['test', 4],
    ]);
  });

  test('a binary archive with its names file and readme', async () => {
    const names = 'a b c d e f g h i j'.split(' ');
    const found: string[][] = [];
    const reports = await read(
      [
        sourceOf(
          'c.tar.gz',
          await archive([
            ['c/batches.meta.txt', joinBytes(`${names.join('\n')}\n\n`)],
            ['c/readme.html', joinBytes('<meta http-equiv="refresh">')],
            ['c/data_batch_1.bin', cifar10(6)],
            ['c/test_batch.bin', cifar10(3, 7)],
          ]),
        ),
      ],
      { names: (_, list) => found.push(list) },
    );
    expect(reports.map(({ file, outcome }) => [file, outcome.ok && outcome.part])).toEqual([
      ['c.tar.gz → c/data_batch_1.bin', 'train'],
      ['c.tar.gz → c/test_batch.bin', 'test'],
    ]);
    expect(found).toEqual([names]);
  });

  test('class names only from a text below 64 KiB', async () => {
    const names = 'a b c d e f g h i j';
    const text = names.replaceAll(' ', '\n');
    const found: string[][] = [];
    const padded = (size: number) => joinBytes(text.padEnd(size, '\n'));
    const options = { names: (_: string, list: string[]) => void found.push(list) };
    await read([sourceOf('batches.meta.txt', padded(65_535))], options);
    expect(found).toEqual([names.split(' ')]);
    const [report] = await read([sourceOf('batches.meta.txt', padded(65_536))], options);
    expect(report.outcome).toMatchObject({ ok: false });
    expect(found).toHaveLength(1);
  });

  test('a Python archive whose batches say their part inside', async () => {
    const records = cifar10(6);
    const [report] = await read([
      sourceOf(
        'p.tgz',
        await archive([['x/one', pickledBatch(pixelsOf(records), [0, 1, 2, 3, 4, 5], 'testing batch 1 of 1')]]),
      ),
    ]);
    expect(report.outcome).toEqual({ ok: true, images: 6, dataset: 'cifar-10', part: 'test' });
    expect(kept[0].images).toEqual(pixelsOf(records));
  });

  test('an archive without gzip and a shard with gzip', async () => {
    const reports = await read([
      sourceOf('plain.tar', tar([{ name: 'train.bin', data: cifar100(3) }])),
      sourceOf('test.bin.gz', await gzip(cifar100(4, 9))),
    ]);
    expect(reports.map(({ outcome }) => outcome.ok && [outcome.dataset, outcome.images, outcome.part])).toEqual([
      ['cifar-100', 3, 'train'],
      ['cifar-100', 4, 'test'],
    ]);
  });

  test('a shard whose part nobody names waits for an answer, and the answer is taken by file or archive', async () => {
    const shard = sourceOf('shard.bin', cifar10(2));
    const packed = sourceOf('mine.tar.gz', await archive([['x.bin', cifar10(3, 5)]]));
    const asked = await read([shard, packed]);
    expect(asked.map(({ outcome }) => outcome.ok && outcome.part)).toEqual(['ask', 'ask']);
    expect(kept).toEqual([]);
    await read([shard, packed], { parts: { 'shard.bin': 'test', 'mine.tar.gz': 'train' } });
    expect(kept.map(({ part, count }) => [part, count])).toEqual([
      ['test', 2],
      ['train', 3],
    ]);
  });

  test('an archive read again to answer for one member takes only that one', async () => {
    const packed = sourceOf(
      'mine.tar',
      tar([
        { name: 'train.bin', data: cifar10(4) },
        { name: 'x.bin', data: cifar10(3, 5) },
      ]),
    );
    await read([packed]);
    const answered = await read([packed], { parts: { 'mine.tar → x.bin': 'test' }, present: kept });
    expect(answered.map(({ outcome }) => outcome.ok && outcome.part)).toEqual(['train', 'test']);
    expect(kept.map(({ part, count }) => [part, count])).toEqual([
      ['train', 4],
      ['test', 3],
    ]);
  });

  test('the strays of a folder are passed over', async () => {
    const reports = await read([
      sourceOf('f/.DS_Store', joinBytes([1, 2, 3]), true),
      sourceOf('f/.git/objects/ab/cdef', joinBytes([120, 1, 75]), true),
      sourceOf('f/__MACOSX/f/._train.bin', joinBytes([0, 5, 22, 7]), true),
      sourceOf('f/readme.txt', joinBytes('hello there'), true),
      sourceOf('f/cat.png', joinBytes([0x89], 'PNG\r\n\x1a\n'), true),
      sourceOf('f/train.bin', cifar10(2), true),
    ]);
    expect(reports.map(({ file }) => file)).toEqual(['f/train.bin']);
  });

  test('a folder given as "." or with a slash behind it is no different', async () => {
    const dot = { ...sourceOf('test.bin', cifar10(1, 1)), folder: '.' };
    const hidden = { ...sourceOf('.cache/x', joinBytes([200, 1])), folder: '.' };
    const slash = { ...sourceOf('test-set/a.bin', cifar10(2, 2)), folder: 'test-set/' };
    const reports = await read([dot, hidden, slash], { parts: { '.': 'train', 'test-set/': 'train' } });
    expect(reports.map(({ file, outcome }) => [file, outcome.ok && outcome.part])).toEqual([
      ['test.bin', 'test'],
      ['test-set/a.bin', 'train'],
    ]);
  });

  test('progress counts bytes up to the size of each file', async () => {
    const bytes = cifar10(2000);
    const seen: [string, number, number][] = [];
    await read([sourceOf('train.bin', bytes)], { onProgress: (...args) => seen.push(args) });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toEqual(['train.bin', bytes.length, bytes.length]);
    expect(seen.map(([, done]) => done)).toEqual(seen.map(([, done]) => done).toSorted((a, b) => a - b));
  });

  test('giving up stops in the middle of a file and keeps nothing of it', async () => {
    const stop = new AbortController();
    const reading = read([sourceOf('train.bin', cifar10(2000))], {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(reading).rejects.toThrow(/abort/i);
    expect(kept).toEqual([]);
  });
});
