/**
 * Files for tests: CIFAR records, tar archives, gzip, and pickles as Python writes them.
 */
import { importSources } from './importer.ts';
import type { FileReport, ImportOptions, KeptShard } from './importer.ts';
import { Random } from '../domain/random.ts';
import { chunksOfBytes } from './source.ts';
import type { Source } from './source.ts';

/** One array after the other. */
export function concat(arrays: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

export function joinBytes(...pieces: (ArrayLike<number> | string)[]): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    pieces.flatMap((piece) => Array.from(typeof piece === 'string' ? encoder.encode(piece) : piece)),
  );
}

/** CIFAR records with random pixels: each entry of `labels` holds the label bytes of one record. */
export function cifarRecords(labels: number[][], seed = 1): Uint8Array {
  const random = new Random(seed);
  const width = labels[0].length + 3072;
  const bytes = new Uint8Array(labels.length * width);
  labels.forEach((own, n) => {
    bytes.set(own, n * width);
    for (let i = own.length; i < width; i++) bytes[n * width + i] = random.uint32();
  });
  return bytes;
}

/** n records of CIFAR-10, labels 0, 1, 2, … */
export const cifar10 = (n: number, seed = 1): Uint8Array =>
  cifarRecords(
    Array.from({ length: n }, (_, i) => [i % 10]),
    seed,
  );
/** n records of CIFAR-100; fine label f belongs to coarse label ⌊f / 5⌋. */
export const cifar100 = (n: number, seed = 1): Uint8Array =>
  cifarRecords(
    Array.from({ length: n }, (_, i) => [Math.floor((i % 100) / 5), i % 100]),
    seed,
  );

function tarHeader(name: string, size: number, kind: string): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at);
  put(0, name.slice(0, 100));
  put(100, '0000644\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, kind);
  put(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

export interface TestMember {
  name: string;
  data: Uint8Array;
  /** Tar's kind letter; default '0', a file. */
  kind?: string;
}

export function tar(members: TestMember[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { name, data, kind = '0' } of members) {
    blocks.push(tarHeader(name, data.length, kind), data, new Uint8Array((512 - (data.length % 512)) % 512));
  }
  blocks.push(new Uint8Array(1024));
  return concat(blocks);
}

export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

export function sourceOf(name: string, bytes: Uint8Array, inFolder = false, piece = 1 << 16): Source {
  return {
    name,
    size: bytes.length,
    folder: inFolder ? name.split('/')[0] : null,
    open: () => chunksOfBytes(bytes, piece),
    slice: (from, to) => Promise.resolve(bytes.slice(from, to)),
  };
}

const latin1 = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** A pickle in protocol 2, written opcode by opcode. */
export class PickleWriter {
  private readonly parts: Uint8Array[] = [Uint8Array.of(0x80, 2)];

  raw(...bytes: number[]): this {
    this.parts.push(Uint8Array.from(bytes));
    return this;
  }

  /** Python 2's str. */
  str(text: string): this {
    return this.raw(0x55, text.length, ...latin1(text));
  }

  private u32(opcode: number, value: number): this {
    return this.raw(opcode, value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  }

  int(value: number): this {
    return this.u32(0x4a, value);
  }

  bytes(data: Uint8Array): this {
    this.u32(0x54, data.length);
    this.parts.push(data);
    return this;
  }

  unicode(text: string): this {
    const encoded = new TextEncoder().encode(text);
    this.u32(0x58, encoded.length);
    this.parts.push(encoded);
    return this;
  }

  global(module: string, name: string): this {
    return this.raw(...latin1(`c${module}\n${name}\n`));
  }

  ints(values: ArrayLike<number>): this {
    this.raw(0x5d, 0x28);
    for (const value of Array.from(values)) this.int(value);
    return this.raw(0x65);
  }

  /** A uint8 array of rows × columns, as numpy pickles it; `content` writes its bytes. */
  array(rows: number, columns: number, content: (writer: this) => void, fortran = false): this {
    return this.ndarray([rows, columns], content, fortran);
  }

  /** A uint8 array of one, two or three dimensions. */
  ndarray(shape: number[], content: (writer: this) => void, fortran = false): this {
    this.global('numpy.core.multiarray', '_reconstruct')
      .global('numpy', 'ndarray')
      .int(0)
      .raw(0x85)
      .str('b')
      .raw(0x87, 0x52);
    this.raw(0x28).int(1);
    for (const length of shape) this.int(length);
    // TUPLE1, TUPLE2, TUPLE3
    this.raw(0x84 + shape.length);
    this.global('numpy', 'dtype').str('u1').int(0).int(1).raw(0x87, 0x52);
    this.raw(0x28).int(3).str('|').raw(0x4e, 0x4e, 0x4e).int(-1).int(-1).int(0).raw(0x74, 0x62);
    this.raw(fortran ? 0x88 : 0x89);
    content(this);
    return this.raw(0x74, 0x62);
  }

  end(): Uint8Array {
    this.raw(0x2e);
    return concat(this.parts);
  }
}

/** A CIFAR-10 batch as the official archive pickles it. */
export function pickledBatch(
  pixels: Uint8Array,
  labels: ArrayLike<number>,
  batchLabel: string | null,
  labelKey = 'labels',
): Uint8Array {
  const writer = new PickleWriter().raw(0x7d, 0x28);
  if (batchLabel !== null) writer.str('batch_label').str(batchLabel);
  writer.str(labelKey).ints(labels);
  writer.str('data').array(pixels.length / 3072, 3072, (w) => w.bytes(pixels));
  return writer.raw(0x75).end();
}

/** An importer whose shards land in an array. */
export function collector(): {
  kept: KeptShard[];
  read(sources: Source[], options?: Partial<ImportOptions>): Promise<FileReport[]>;
} {
  const kept: KeptShard[] = [];
  const keep = (shard: KeptShard) => Promise.resolve(void kept.push(shard));
  return { kept, read: (sources, options) => importSources(sources, { keep, ...options }) };
}
