/** The pickle reader: protocols 2 to 5 as Python writes them, and everything that it refuses. */
import { describe, expect, test } from 'vitest';
import { readCifarBinary } from './cifarBinary.ts';
import { readCifarPickle } from './cifarPickle.ts';
import { readPickle as read } from './pickle.ts';
import { CIFAR_PICKLE } from './pickleCalls.ts';
import { cifar10, pickledBatch, PickleWriter } from './testing.ts';

const readPickle = (bytes: Uint8Array, file: string) => read(bytes, file, CIFAR_PICKLE).value;

describe('pickles', () => {
  const records = cifar10(6);
  const pixels = Uint8Array.from({ length: 6 * 3072 }, (_, i) => records[Math.floor(i / 3072) * 3073 + 1 + (i % 3072)]);

  test('a batch of Python 2 equals the binary form', () => {
    const content = readCifarPickle(pickledBatch(pixels, [0, 1, 2, 3, 4, 5], 'testing batch 1 of 1'), 'test_batch');
    expect(content).toEqual({ kind: 'shard', shard: { ...readCifarBinary(records, ''), part: 'test' } });
  });

  test('fine_labels make it CIFAR-100', () => {
    const content = readCifarPickle(
      pickledBatch(pixels, [9, 19, 29, 39, 49, 99], 'training batch 1 of 1', 'fine_labels'),
      'train',
    );
    expect(content).toMatchObject({ kind: 'shard', shard: { dataset: 'cifar-100', part: 'train' } });
  });

  test('bytes that Python 3 wrote as latin-1 text through _codecs.encode are the same bytes', () => {
    const text = String.fromCharCode(...pixels.subarray(0, 3072));
    const writer = new PickleWriter().raw(0x7d, 0x28).unicode('labels').ints([4]).unicode('data');
    writer.array(1, 3072, (w) => w.global('_codecs', 'encode').unicode(text).unicode('latin1').raw(0x86, 0x52));
    const content = readCifarPickle(writer.raw(0x75).end(), 'x');
    expect(content.kind === 'shard' && content.shard.images).toEqual(pixels.subarray(0, 3072));
  });

  test('labels may be a one-dimensional array, but no table', () => {
    const labels = Uint8Array.of(5, 4, 3, 2, 1, 0);
    const batch = (shape: number[]) => {
      const writer = new PickleWriter().raw(0x7d, 0x28).str('labels');
      writer
        .ndarray(shape, (w) => w.bytes(labels))
        .str('data')
        .array(6, 3072, (w) => w.bytes(pixels));
      return writer.raw(0x75).end();
    };
    const content = readCifarPickle(batch([6]), 'x');
    expect(content.kind === 'shard' && content.shard.labels).toEqual(labels);
    for (const table of [
      [6, 1],
      [1, 6],
      [2, 3],
    ])
      expect(() => readCifarPickle(batch(table), 'x')).toThrow('this pickle holds no CIFAR batch');
  });

  test('memo, long memo, longs, append and nested containers follow Python', () => {
    // {'a': [1, -2, 3], 'b': (None, True)} with the list fetched back from the memo.
    const bytes = new PickleWriter().raw(
      0x5d,
      0x71,
      0,
      0x4b,
      1,
      0x61,
      0x8a,
      1,
      0xfe,
      0x61,
      0x4d,
      3,
      0,
      0x61,
      0x72,
      7,
      0,
      0,
      0,
      0x30,
    );
    const value = readPickle(
      bytes.raw(0x7d).str('a').raw(0x6a, 7, 0, 0, 0, 0x73).str('b').raw(0x4e, 0x88, 0x86, 0x73).end(),
      'x',
    );
    expect(value).toMatchObject({
      entries: new Map<string, unknown>([
        ['a', [1, -2, 3]],
        ['b', { items: [null, true] }],
      ]),
    });
  });

  test('a foreign class is refused by name and nothing runs', () => {
    const evil = new PickleWriter().global('os', 'system').str('echo hello').raw(0x85, 0x52).end();
    expect(() => readCifarPickle(evil, 'data_batch_1')).toThrow(
      /^data_batch_1: this pickle asks for the class os\.system,.*Nothing of it was run/,
    );
    const four = new PickleWriter()
      .raw(0x8c, 8, ...Buffer.from('builtins'), 0x8c, 4, ...Buffer.from('eval'), 0x93)
      .end();
    expect(() => readCifarPickle(four, 'x')).toThrow(/builtins\.eval/);
  });

  test('text taken from the memo again and again is not unpacked without end', () => {
    const writer = new PickleWriter()
      .global('_codecs', 'encode')
      .raw(0x71, 0)
      .unicode('a'.repeat(1000))
      .unicode('latin1');
    writer.raw(0x86, 0x71, 1);
    for (let i = 0; i < 3; i++) writer.raw(0x68, 0, 0x68, 1, 0x52);
    expect(() => readPickle(writer.end(), 'x')).toThrow(/unpacks to more bytes than it has/);
  });

  test('a file of instructions alone is given up', () => {
    const bytes = new Uint8Array(1_000_003).fill(0x4e).fill(0x80, 0, 1).fill(2, 1, 2);
    expect(() => readPickle(bytes, 'x')).toThrow(/more than 1,000,000 instructions/);
  });

  test('an instruction that no CIFAR file needs is refused', () => {
    expect(() => readPickle(new PickleWriter().raw(0x81).end(), 'x')).toThrow(/instruction 0x81 at byte 2/);
  });

  test('a pickle cut off anywhere says so', () => {
    const whole = pickledBatch(pixels, [0, 1, 2, 3, 4, 5], null);
    for (const length of [2, 40, 300, whole.length - 1]) {
      expect(() => readPickle(whole.subarray(0, length), 'x')).toThrow(/ends too early/);
    }
  });

  test('arrays of another type, shape or order are refused', () => {
    const wide = new PickleWriter()
      .raw(0x7d, 0x28)
      .str('labels')
      .ints([1, 2])
      .str('data')
      .array(2, 12, (w) => w.bytes(new Uint8Array(24)));
    expect(() => readCifarPickle(wide.raw(0x75).end(), 'x')).toThrow(/shape 2 × 12/);
    const short = new PickleWriter().array(2, 12, (w) => w.bytes(new Uint8Array(23)));
    expect(() => readPickle(short.end(), 'x')).toThrow(/shape 2 × 12 with 23 bytes/);
    const fortran = new PickleWriter().array(2, 12, (w) => w.bytes(new Uint8Array(24)), true);
    expect(() => readPickle(fortran.end(), 'x')).toThrow(/holds an array in Fortran order .*Use the batches/);
  });

  test('labels out of range or of the wrong number are refused', () => {
    expect(() => readCifarPickle(pickledBatch(pixels, [0, 1, 2, 3, 4, 10], null), 'x')).toThrow(
      /label 10 of image 5 is not a CIFAR-10 class/,
    );
    expect(() => readCifarPickle(pickledBatch(pixels, [0, 1], null), 'x')).toThrow(/6 images but 2 labels/);
    expect(() => readCifarPickle(new PickleWriter().raw(0x7d).str('weights').int(1).raw(0x73).end(), 'x')).toThrow(
      /keys: weights/,
    );
  });
});
