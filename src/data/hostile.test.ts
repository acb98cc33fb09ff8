/**
 * Files made to keep a reader busy, to fill its memory or to spoil its messages: each is refused quickly with one short sentence that
 * names the file, and what lies beside it is kept.
 */
import { describe, expect, test } from 'vitest';
import { readCifarPickle } from './cifarPickle.ts';
import { readPickle as read } from './pickle.ts';
import { CIFAR_PICKLE } from './pickleCalls.ts';
import { cifar10, collector, gzip, joinBytes, PickleWriter, pickledBatch, sourceOf, tar } from './testing.ts';
import { DataError } from './types.ts';

const readPickle = (bytes: Uint8Array, file: string) => read(bytes, file, CIFAR_PICKLE).value;

/** A pax record; its length counts its own digits. */
const pax = (record: string) => joinBytes(`${record.length + (record.length < 7 ? 3 : 4)} ${record}\n`);

/** Milliseconds that `work` takes. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe('tar archives', () => {
  test.each(['size=-5', 'size=1e3', 'size=', 'size=9999999999999999999'])(
    'a pax record "%s" is refused and the file beside the archive is kept',
    async (record) => {
      const { kept, read } = collector();
      const archive = tar([
        { name: 'x', kind: 'x', data: pax(record) },
        { name: 'data_batch_1.bin', data: cifar10(2) },
      ]);
      const reports = await read([sourceOf('a.tar', archive), sourceOf('train.bin', cifar10(3))]);
      expect(reports[0].outcome).toMatchObject({ ok: false, message: expect.stringContaining('a.tar: ') as string });
      expect(kept.map(({ file, count }) => [file, count])).toEqual([['train.bin', 3]]);
    },
  );

  test('a pax size of plain digits is followed', async () => {
    const { kept, read } = collector();
    const archive = tar([
      { name: 'x', kind: 'x', data: pax('size=6146') },
      { name: 'data_batch_1.bin', data: cifar10(2) },
    ]);
    await read([sourceOf('a.tar', archive)]);
    expect(kept.map(({ count }) => count)).toEqual([2]);
  });

  test('of many members that cannot be read, twenty are named and the others counted', async () => {
    const { read } = collector();
    const bad = joinBytes([1, 2, 3]);
    const members = Array.from({ length: 500 }, (_, i) => ({ name: `m${i}.bin`, data: bad }));
    const reports = await read([sourceOf('a.tar', tar(members))]);
    expect(reports).toHaveLength(21);
    expect(reports[20].outcome).toMatchObject({
      message: 'a.tar: 480 further members of the archive cannot be read either.',
    });
  });

  test('an archive of more members than any data set has is given up', async () => {
    const { read } = collector();
    const header = tar([{ name: 'd', kind: '5', data: new Uint8Array(0) }]).subarray(0, 512);
    const bytes = new Uint8Array(512 * 100_010);
    for (let at = 0; at < bytes.length; at += 512) bytes.set(header, at);
    const [report] = await read([sourceOf('a.tar.gz', await gzip(bytes))]);
    expect(report.outcome).toMatchObject({ message: expect.stringMatching(/more than 100,000 members/) as string });
  });

  test('long names and control characters do not reach the messages', async () => {
    const { read } = collector();
    const name = `c/${'x'.repeat(60_000)}\u0007\u202e`;
    const archive = tar([
      { name: 'long', kind: 'L', data: joinBytes(name) },
      { name: 'short', data: joinBytes([1, 2, 3]) },
    ]);
    const reports = await read([sourceOf('a\u0007\n.tar', archive)]);
    for (const { file, outcome } of reports) {
      expect(file).toMatch(/^a\?\.tar/);
      expect(outcome).toMatchObject({ ok: false });
      if (!outcome.ok) {
        expect(outcome.message.length).toBeLessThan(800);
        expect(outcome.message).not.toMatch(/[\p{Cc}\u202e]/u);
      }
    }
  });
});

describe('pickles', () => {
  /** A value in the memo, then `times` times the instructions that use it. */
  const repeated = (first: number[], instructions: number[], times: number): Uint8Array => {
    const bytes = new Uint8Array(first.length + instructions.length * times + 1);
    bytes.set(first);
    for (let i = 0; i < times; i++) bytes.set(instructions, first.length + i * instructions.length);
    bytes[bytes.length - 1] = 0x2e;
    return bytes;
  };
  const u32 = (n: number) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >> 24];

  test('a long key that is set again and again is refused at once', () => {
    // BINBYTES of a megabyte, BINPUT 0, EMPTY_DICT; then BINGET 0, NONE, SETITEM.
    const key = [0x80, 3, 0x42, ...u32(1 << 20), ...Array.from<number>({ length: 1 << 20 }).fill(97), 0x71, 0, 0x7d];
    const ms = timed(() =>
      expect(() => readPickle(repeated(key, [0x68, 0, 0x4e, 0x73], 60_000), 'x')).toThrow(
        /key that is not a short text/,
      ),
    );
    expect(ms).toBeLessThan(500);
  });

  test('an array of a thousand dimensions is refused', () => {
    const writer = new PickleWriter();
    writer
      .global('numpy.core.multiarray', '_reconstruct')
      .global('numpy', 'ndarray')
      .int(0)
      .raw(0x85)
      .str('b')
      .raw(0x87, 0x52);
    writer.raw(0x28).int(1).raw(0x28);
    for (let i = 0; i < 1000; i++) writer.int(1);
    writer
      .raw(0x74)
      .global('numpy', 'dtype')
      .str('u1')
      .int(0)
      .int(1)
      .raw(0x87, 0x52)
      .raw(0x89)
      .str('a')
      .raw(0x74, 0x62);
    expect(() => readPickle(writer.end(), 'x')).toThrow(/1,000 dimensions/);
  });

  test('more dicts than any file needs are refused', () => {
    expect(() => readPickle(repeated([0x80, 2], [0x7d], 20_000), 'x')).toThrow(/more than 10,000 dicts/);
  });

  test('labels of another number are refused before they are listed', () => {
    // 64 million labels for 4 images, as a NumPy array: as a list they would take half a gigabyte.
    const pixels = new Uint8Array(4 * 3072);
    const batch = new PickleWriter().raw(0x7d, 0x28).str('labels');
    batch
      .global('numpy.core.multiarray', '_reconstruct')
      .global('numpy', 'ndarray')
      .int(0)
      .raw(0x85)
      .str('b')
      .raw(0x87, 0x52);
    batch
      .raw(0x28)
      .int(1)
      .int(1 << 26)
      .raw(0x85);
    batch.global('numpy', 'dtype').str('u1').int(0).int(1).raw(0x87, 0x52);
    batch.raw(0x28).int(3).str('|').raw(0x4e, 0x4e, 0x4e).int(-1).int(-1).int(0).raw(0x74, 0x62).raw(0x89);
    batch.bytes(new Uint8Array(1 << 26)).raw(0x74, 0x62);
    batch.str('data').array(4, 3072, (w) => w.bytes(pixels));
    const bytes = batch.raw(0x75).end();
    const before = process.memoryUsage().heapUsed;
    expect(() => readCifarPickle(bytes, 'x')).toThrow(/4 images but 67,108,864 labels/);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });

  test('class names with control characters are refused', () => {
    const names = (text: string) => {
      const writer = new PickleWriter().raw(0x7d).str('label_names').raw(0x5d, 0x28);
      for (let i = 0; i < 10; i++) writer.str(i === 3 ? text : `class ${i}`);
      return writer.raw(0x65, 0x73).end();
    };
    expect(readCifarPickle(names('cat'), 'x')).toMatchObject({ kind: 'names' });
    expect(() => readCifarPickle(names('c\u0007t'), 'x')).toThrow(/class name 3 is not a short printable text/);
  });

  test('an undamaged batch is still read', () => {
    const batch = pickledBatch(new Uint8Array(2 * 3072), [1, 2], null);
    expect(readCifarPickle(batch, 'x')).toMatchObject({ kind: 'shard', shard: { count: 2 } });
    expect(() => readPickle(batch.slice(0, 50), 'x')).toThrow(DataError);
  });
});
