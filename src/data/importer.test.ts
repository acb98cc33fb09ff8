import { beforeEach, describe, expect, test } from 'vitest';
import { importSources } from './importer.ts';
import type { FileReport, ImportOptions, KeptShard } from './importer.ts';
import type { Source } from './source.ts';
import { cifar10, cifar100, gzip, joinBytes, PickleWriter, pickledBatch, sourceOf, tar } from './testing.ts';

let kept: KeptShard[] = [];
beforeEach(() => {
  kept = [];
});

function read(sources: Source[], options: Partial<ImportOptions> = {}): Promise<FileReport[]> {
  return importSources(sources, {
    keep: (shard) => {
      kept.push(shard);
      return Promise.resolve();
    },
    ...options,
  });
}

/** The one sentence that a refused file got. */
async function sentence(name: string, bytes: Uint8Array): Promise<string> {
  const [report] = await read([sourceOf(name, bytes)]);
  return report.outcome.ok ? 'accepted' : report.outcome.message;
}

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
      sourceOf('f/readme.txt', joinBytes('hello there'), true),
      sourceOf('f/cat.png', joinBytes([0x89], 'PNG\r\n\x1a\n'), true),
      sourceOf('f/train.bin', cifar10(2), true),
    ]);
    expect(reports.map(({ file }) => file)).toEqual(['f/train.bin']);
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

describe('what is refused, with its sentence', async () => {
  const whole = await archive([['c/data_batch_1.bin', cifar10(40)]]);
  const cases: [what: string, name: string, bytes: () => Uint8Array | Promise<Uint8Array>, message: RegExp][] = [
    ['wrong length', 'data_batch_3.bin', () => cifar10(10).subarray(1), /label|whole number/],
    [
      'cut off',
      'data_batch_3.bin',
      () => cifar10(10).subarray(0, -1),
      /30,729 bytes is not a whole number of CIFAR-10 records \(3,073 bytes each; 3,072 left over\)/,
    ],
    ['label', 'a.bin', () => cifar10(10).fill(77, 3073, 3074), /label 77 in record 1 \(byte 3,073\)/],
    [
      'cut gzip',
      'a.tar.gz',
      () => whole.subarray(0, 9000),
      /gzip archive ends too early, after 9,000 bytes\. Download it again/,
    ],
    [
      'cut tar',
      'a.tar',
      () => tar([{ name: 'x', data: cifar10(9) }]).subarray(0, 9000),
      /tar archive ends too early inside x, after/,
    ],
    [
      'zip',
      'cifar.zip',
      () => joinBytes('PK\x03\x04', new Uint8Array(40)),
      /this is a zip archive, which is not read here\. Unpack it/,
    ],
    [
      'png',
      'cat.bin',
      () => joinBytes([0x89], 'PNG\r\n\x1a\n', [0, 0, 0, 13]),
      /this is a PNG picture, not a data set/,
    ],
    ['jpeg', 'cat.jpg', () => joinBytes([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /this is a JPEG picture/],
    ['gif', 'cat.gif', () => joinBytes('GIF89a'), /this is a GIF picture/],
    ['webp', 'cat.webp', () => joinBytes('RIFF', [1, 2, 3, 4], 'WEBPVP8 '), /this is a WebP picture/],
    ['empty', 'nothing.bin', () => new Uint8Array(0), /the file is empty \(0 bytes\)/],
    ['text', 'notes.txt', () => joinBytes('Some notes.\n'), /this is a text of 12 bytes, not a data set/],
    [
      'foreign class',
      'batch',
      () => new PickleWriter().global('posix', 'system').str('true').raw(0x85, 0x52).end(),
      /asks for the class posix\.system/,
    ],
    ['no data', 'x.tar.gz', () => archive([['readme', joinBytes('hi')]]), /the archive holds no CIFAR data/],
    ['one byte', 'b', () => Uint8Array.of(5), /1 byte is neither a whole number/],
  ];
  test.each(cases)('%s', async (_, name, bytes, message) => {
    const said = await sentence(name, await bytes());
    expect(said).toMatch(message);
    expect(said.startsWith(`${name}: `)).toBe(true);
    expect(kept).toEqual([]);
  });

  test('a folder without any data says so once', async () => {
    const picture = joinBytes([0xff, 0xd8, 0xff, 0xe0]);
    const reports = await read([
      sourceOf('tiny/train/a.JPEG', picture, true),
      sourceOf('tiny/train/b.JPEG', picture, true),
      sourceOf('tiny/words.txt', joinBytes('n001 cat\n'), true),
    ]);
    expect(reports.map(({ file, outcome }) => [file, !outcome.ok && outcome.message.split(' Choose')[0]])).toEqual([
      ['tiny', 'tiny: these 3 files hold 2 pictures, and folders of pictures are not read.'],
    ]);
  });

  test('a file larger than any data set is not even read', async () => {
    const video = { ...sourceOf('film.mkv', Uint8Array.of(1, 2, 3)), size: 5e9 };
    const [report] = await read([video]);
    expect(report.outcome).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^film\.mkv: 5000 MB in one file is more than/) as string,
    });
  });

  test('a bad file does not stop the ones after it', async () => {
    const reports = await read([
      sourceOf('train1.bin', cifar10(3)),
      sourceOf('bad.zip', joinBytes('PK\x03\x04')),
      sourceOf('train2.bin', cifar10(4, 9)),
    ]);
    expect(reports.map(({ outcome }) => outcome.ok)).toEqual([true, false, true]);
    expect(kept.map(({ count }) => count)).toEqual([3, 4]);
  });

  test('a bad member is named and the good ones are kept', async () => {
    const reports = await read([
      sourceOf(
        'c.tar.gz',
        await archive([
          ['c/data_batch_1.bin', cifar10(3).subarray(5)],
          ['c/data_batch_2.bin', cifar10(4)],
        ]),
      ),
    ]);
    expect(reports.map(({ file, outcome }) => [file, outcome.ok])).toEqual([
      ['c.tar.gz → c/data_batch_1.bin', false],
      ['c.tar.gz → c/data_batch_2.bin', true],
    ]);
  });

  test('of an archive that ends early nothing is kept, not even its whole members', async () => {
    const bytes = await archive([
      ['c/data_batch_1.bin', cifar10(30)],
      ['c/data_batch_2.bin', cifar10(30, 2)],
    ]);
    const reports = await read([sourceOf('c.tar.gz', bytes.subarray(0, bytes.length - 2000))]);
    expect(reports).toHaveLength(1);
    expect(reports[0].outcome.ok).toBe(false);
    expect(kept).toEqual([]);
  });

  test('CIFAR-100 among CIFAR-10 is refused, whichever came first', async () => {
    const reports = await read([sourceOf('train.bin', cifar10(3)), sourceOf('test.bin', cifar100(3))]);
    expect(reports[1].outcome).toEqual({
      ok: false,
      message:
        'test.bin: this is CIFAR-100, but train.bin, chosen together with it, is CIFAR-10. Choose the files of one data set at a time.',
    });
    expect(kept).toHaveLength(1);
  });

  test('the same shard twice is refused by content: another name, another form, an earlier import', async () => {
    const records = cifar10(6);
    const pickled = pickledBatch(pixelsOf(records), [0, 1, 2, 3, 4, 5], 'training batch 1 of 5');
    const reports = await read([
      sourceOf('train.bin', records),
      sourceOf('test.bin', records),
      sourceOf('batch', pickled),
    ]);
    expect(reports.map(({ outcome }) => (outcome.ok ? 'ok' : outcome.message))).toEqual([
      'ok',
      'test.bin: holds the same 6 images as train.bin, which is already loaded. Nothing was added.',
      'batch: holds the same 6 images as train.bin, which is already loaded. Nothing was added.',
    ]);
    const later = await read([sourceOf('again_train.bin', records)], { present: kept });
    expect(later[0].outcome).toMatchObject({ ok: false, message: /same 6 images as train\.bin/ });
  });

  test('an error that is nobody’s file comes through', async () => {
    const failing = read([sourceOf('train.bin', cifar10(1))], { keep: () => Promise.reject(new TypeError('bug')) });
    await expect(failing).rejects.toThrow('bug');
  });
});
