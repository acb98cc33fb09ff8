/** Every kind of file that is refused gets one sentence that names it, and costs nothing else. */
import { beforeEach, describe, expect, test } from 'vitest';
import { unreadable } from './source.ts';
import type { Source } from './source.ts';
import {
  collector,
  cifar10,
  cifar100,
  concat,
  gzip,
  joinBytes,
  PickleWriter,
  pickledBatch,
  sourceOf,
  tar,
} from './testing.ts';

let { kept, read } = collector();
beforeEach(() => ({ kept, read } = collector()));

/** The one sentence that a refused file got. */
async function sentence(name: string, bytes: Uint8Array): Promise<string> {
  const [report] = await read([sourceOf(name, bytes)]);
  return report.outcome.ok ? 'accepted' : report.outcome.message;
}

const pixelsOf = (records: Uint8Array): Uint8Array =>
  concat(Array.from({ length: records.length / 3073 }, (_, n) => records.subarray(n * 3073 + 1, (n + 1) * 3073)));

const archive = (members: [string, Uint8Array][]): Promise<Uint8Array> =>
  gzip(tar(members.map(([name, data]) => ({ name, data }))));

const whole = await archive([['c/data_batch_1.bin', cifar10(40)]]);

describe('each with its sentence', () => {
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
    ['zip', 'cifar.zip', () => joinBytes('PK\x03\x04', new Uint8Array(40)), /the zip archive is cut off or damaged/],
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
    ['cut gzip, two bytes left', 'a.tar.gz', () => whole.subarray(0, 2), /gzip archive ends too early, after 2 bytes/],
    [
      'cut tar, in its first header',
      'a.tar',
      () => tar([{ name: 'x', data: cifar10(9) }]).subarray(0, 400),
      /tar archive ends too early, after 400 bytes/,
    ],
    ['gzip in gzip', 'a.gz.gz', () => gzip(whole), /this is a gzip archive inside another archive\. Unpack/],
    [
      'tar in tar',
      'a.tar',
      () => tar([{ name: 'b.tar', data: tar([{ name: 'x', data: cifar10(1) }]) }]),
      /b\.tar: this is a tar/,
    ],
    [
      'matlab',
      'data_batch_1.mat',
      () => joinBytes('MATLAB 5.0 MAT-file', new Uint8Array(500)),
      /this is a MATLAB file/,
    ],
    [
      'parquet',
      'train.parquet',
      () => joinBytes('PAR1', [21, 4, 21]),
      /this is a Parquet file, which is not read here/,
    ],
    ['numpy', 'x.npy', () => joinBytes([0x93], 'NUMPY', [1, 0]), /this is a NumPy array, which is not read here/],
    ['old pickle', 'batch', () => joinBytes('(dp0\nS"data"\n'), /pickle of protocol 0; 2 to 5 .* protocol 2/],
  ];
  test.each(cases)('%s', async (_, name, bytes, message) => {
    const said = await sentence(name, await bytes());
    expect(said).toMatch(message);
    expect(said.startsWith(`${name}: `) || said.startsWith(`${name} → `)).toBe(true);
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

  test('a folder of one stray speaks of one file', async () => {
    const [{ outcome }] = await read([sourceOf('notes/readme.md', joinBytes('Notes.\n'), true)]);
    expect(outcome).toMatchObject({
      message: expect.stringMatching(/^notes: its one file is no data set\./) as string,
    });
  });

  test('a file that cannot be read is named with its reason, and the next one is read', async () => {
    const denied: Source = {
      ...sourceOf('train1.bin', cifar10(1)),
      // oxlint-disable-next-line require-yield -- it fails before the first byte
      open: async function* () {
        throw Object.assign(new Error("EACCES: permission denied, open '/x/train1.bin'"), { code: 'EACCES' });
      },
    };
    const reports = await read([denied, sourceOf('train2.bin', cifar10(2))]);
    expect(reports.map(({ outcome }) => (outcome.ok ? outcome.images : outcome.message))).toEqual([
      'train1.bin: it cannot be read (permission denied). Check that it is there and may be read, and choose it again.',
      2,
    ]);
  });

  test('a file that was changed after it was dropped says so', () => {
    const gone = new DOMException('The requested file could not be read, typically due to …', 'NotReadableError');
    expect(unreadable('a.bin', gone).message).toMatch(
      /^a\.bin: it cannot be read \(it was moved, changed or locked since/,
    );
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
      'test.bin: holds the same 6 images as train.bin, which is already loaded. Nothing was added: leave it out.',
      'batch: holds the same 6 images as train.bin, which is already loaded. Nothing was added: leave it out.',
    ]);
    const later = await read([sourceOf('again_train.bin', records)], { present: kept });
    expect(later[0].outcome).toMatchObject({ ok: false, message: /same 6 images as train\.bin/ });
  });

  test('an error that is nobody’s file comes through', async () => {
    const failing = read([sourceOf('train.bin', cifar10(1))], { keep: () => Promise.reject(new TypeError('bug')) });
    await expect(failing).rejects.toThrow('bug');
  });
});
