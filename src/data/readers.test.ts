/** The readers of CIFAR binary files, tar, gzip and Python batches on files made for the tests. */
import { describe, expect, test } from 'vitest';
import { readCifarBinary } from './cifarBinary.ts';
import { gunzip } from './gzip.ts';
import { partFromName } from './parts.ts';
import { chunksOfBytes } from './source.ts';
import { untar } from './tar.ts';
import type { TarMember } from './tar.ts';
import { cifar10, cifar100, cifarRecords, gzip, joinBytes, tar } from './testing.ts';
import { DataError } from './types.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('CIFAR binary', () => {
  test('a CIFAR-10 shard gives its pixels and labels', () => {
    const bytes = cifar10(12);
    const shard = readCifarBinary(bytes, 'a.bin');
    expect(shard.dataset).toBe('cifar-10');
    expect([...shard.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(shard.images.subarray(3072 * 5, 3072 * 6)).toEqual(bytes.subarray(3073 * 5 + 1, 3073 * 6));
  });

  test('a CIFAR-100 shard gives the fine labels', () => {
    const bytes = cifar100(30);
    const shard = readCifarBinary(bytes, 'a.bin');
    expect(shard.dataset).toBe('cifar-100');
    expect([...shard.labels.subarray(26)]).toEqual([26, 27, 28, 29]);
    expect(shard.images.subarray(0, 3072)).toEqual(bytes.subarray(2, 3074));
  });

  test('a length that both record sizes divide is decided by the labels', () => {
    expect(readCifarBinary(cifar10(3074), 'a').dataset).toBe('cifar-10');
    expect(readCifarBinary(cifar100(3073), 'a').dataset).toBe('cifar-100');
  });

  test('where even the labels fit both, nested labels say CIFAR-100 and one class says CIFAR-10', () => {
    const black = cifar100(3073);
    for (let at = 0; at < black.length; at += 3074) black.fill(0, at + 2, at + 3074);
    for (let at = 0; at < black.length; at += 3074) black[at] = black[at + 1] % 2;
    expect(readCifarBinary(black, 'a').dataset).toBe('cifar-100');
    expect(readCifarBinary(new Uint8Array(3073 * 3074), 'a').dataset).toBe('cifar-10');
  });

  test('a shard cut off by one byte says the record size and what is left over', () => {
    const cut = cifar10(10).subarray(0, 30_729);
    expect(() => readCifarBinary(cut, 'data_batch_3.bin')).toThrow(
      new DataError(
        'data_batch_3.bin',
        '30,729 bytes is not a whole number of CIFAR-10 records (3,073 bytes each; 3,072 left over). The file seems cut off: download it again.',
        30_729,
      ),
    );
    expect(() => readCifarBinary(cifar100(7).subarray(0, 3074 * 6 + 11), 'b')).toThrow(
      /^b: 18,455 bytes is not a whole number of CIFAR-100 records \(3,074 bytes each; 11 left over\)/,
    );
  });

  test('bytes that look like neither name both record sizes', () => {
    expect(() => readCifarBinary(new Uint8Array(5000).fill(255), 'noise')).toThrow(
      /neither a whole number of CIFAR-10 records \(3,073 bytes each; 1,927 left over\) nor of CIFAR-100 records \(3,074 bytes each; 1,926 left over\)/,
    );
  });

  test('a label out of range names record, byte and range', () => {
    const ten = cifar10(20);
    ten[7 * 3073] = 10;
    expect(() => readCifarBinary(ten, 'x')).toThrow(
      /label 10 in record 7 \(byte 21,511\) is not a CIFAR-10 class \(0 … 9\)/,
    );
    const coarse = cifarRecords([
      [3, 17],
      [20, 5],
    ]);
    expect(() => readCifarBinary(coarse, 'x')).toThrow(
      /label 20 in record 1 \(byte 3,074\) is not a CIFAR-100 coarse class \(0 … 19\)/,
    );
    const fine = cifarRecords([
      [3, 17],
      [4, 100],
    ]);
    expect(() => readCifarBinary(fine, 'x')).toThrow(
      /label 100 in record 1 \(byte 3,075\) is not a CIFAR-100 fine class \(0 … 99\)/,
    );
  });
});

describe('gzip', async () => {
  const original = cifar10(40);
  const packed = await gzip(original);

  test('unpacks to the same bytes in pieces of any size', async () => {
    for (const piece of [1000, 1 << 20]) {
      expect(Buffer.compare(Buffer.concat(await collect(gunzip(chunksOfBytes(packed, piece), 'x'))), original)).toBe(0);
    }
  });

  test('cut off anywhere says after how many bytes', async () => {
    for (const length of [4, 11, 5000, packed.length - 9, packed.length - 1]) {
      await expect(collect(gunzip(chunksOfBytes(packed.subarray(0, length)), 'a.tar.gz'))).rejects.toThrow(
        `a.tar.gz: the gzip archive ends too early, after ${length.toLocaleString('en')} bytes. Download it again.`,
      );
    }
  });

  test('damage is found by structure or checksum', async () => {
    const damaged = packed.slice();
    damaged[packed.length - 6] ^= 1;
    await expect(collect(gunzip(chunksOfBytes(damaged), 'x'))).rejects.toThrow(/damaged/);
  });

  test('an error of the source comes through as it is', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, 100);
      await Promise.resolve();
      throw new RangeError('disk gone');
    };
    await expect(collect(gunzip(failing(), 'x'))).rejects.toThrow('disk gone');
  });
});

describe('tar', () => {
  const a = cifar10(2);
  const b = joinBytes('hello');
  const members = (bytes: Uint8Array, piece = 700): Promise<TarMember[]> =>
    collect(untar(chunksOfBytes(bytes, piece), 'x.tar'));

  test('members come out in order, directories and links are passed over', async () => {
    const archive = tar([
      { name: 'dir/', data: new Uint8Array(0), kind: '5' },
      { name: 'dir/a.bin', data: a },
      { name: 'link', data: new Uint8Array(0), kind: '2' },
      { name: 'dir/b', data: b },
    ]);
    expect(await members(archive)).toEqual([
      { name: 'dir/a.bin', data: a },
      { name: 'dir/b', data: b },
    ]);
  });

  test('GNU long names and pax paths are read', async () => {
    const long = `${'deep/'.repeat(40)}data_batch_1.bin`;
    const record = `path=${long}\n`;
    const pax = `${record.length + 4} ${record}`;
    expect(pax.length).toBe(Number(pax.slice(0, 3)));
    const archive = tar([
      { name: '././@LongLink', data: joinBytes(`${long}\0`), kind: 'L' },
      { name: 'cut', data: b },
      { name: 'PaxHeader', data: joinBytes(pax), kind: 'x' },
      { name: 'cut', data: a },
      { name: 'plain', data: b },
    ]);
    expect((await members(archive)).map((member) => member.name)).toEqual([long, long, 'plain']);
  });

  test('cut off inside a member, a header or a padding says so', async () => {
    const archive = tar([{ name: 'a.bin', data: a }]);
    await expect(members(archive.subarray(0, 3000))).rejects.toThrow(
      /^x\.tar: the tar archive ends too early inside a\.bin, after/,
    );
    await expect(members(archive.subarray(0, 512 + a.length + 3))).rejects.toThrow(/ends too early/);
    await expect(members(archive.subarray(0, 200))).rejects.toThrow(/ends too early/);
  });

  test('a damaged header names its byte', async () => {
    const archive = tar([
      { name: 'a.bin', data: b },
      { name: 'b.bin', data: b },
    ]);
    archive[1024 + 3] ^= 4;
    await expect(members(archive)).rejects.toThrow(/tar header at byte 1,024 is damaged/);
  });
});

test('train and test are told apart by the words of a name, nearest first', () => {
  const parts = {
    'data_batch_1.bin': 'train',
    'cifar-10-batches-bin/test_batch.bin': 'test',
    'train-first-10000.bin': 'train',
    'train/test.bin': 'test',
    'a.tar.gz → cifar-100-python/train': 'train',
    'test.tar.gz → shard1.bin': 'test',
    'latest.bin': null,
    '/home/test/cifar/a.bin': null,
    'C:\\data\\test\\a.bin': 'test',
    'contest/trainer.bin': null,
    'train-test.bin': null,
    'train/test and train.bin': null,
    'shard.bin': null,
  };
  for (const [name, part] of Object.entries(parts)) expect([name, partFromName(name)]).toEqual([name, part]);
});
