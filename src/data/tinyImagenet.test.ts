/** Tiny-ImageNet in its official layout, made up: whole, in part, as folder and zip; damaged, cancelled, too large for the storage. */
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeJpegDecoder } from '../cli/jpegModule.ts';
import { importSources } from './importer.ts';
import type { ImportOptions, KeptShard } from './importer.ts';
import { sha256Hex } from '../domain/hash.ts';
import { jpegSize } from './jpeg.ts';
import type { Source } from './source.ts';
import { sourceOf } from './testing.ts';
import { COLOUR, GREY, SMALL } from './testPictures.ts';

const WNIDS = ['n01443537', 'n02002724', 'n09999999'];
const text = (value: string) => new TextEncoder().encode(value);

type Files = Record<string, Uint8Array>;

/** Three classes of three training pictures (one grey), four validation pictures, unlabelled test pictures. */
function layout(): Files {
  const files: Files = {
    'wnids.txt': text([WNIDS[2], WNIDS[0], WNIDS[1]].join('\n')),
    'words.txt': text('n01443537\tgoldfish, Carassius auratus\nn02002724\tblack stork\nn00000001\tentity\n'),
    'val/val_annotations.txt': text(
      [0, 1, 2, 10].map((n) => `val_${n}.JPEG\t${WNIDS[n % 3]}\t0\t0\t62\t62`).join('\n'),
    ),
    'test/images/test_0.JPEG': COLOUR.jpeg,
  };
  for (const wnid of WNIDS) {
    files[`train/${wnid}/${wnid}_boxes.txt`] = text('');
    for (const n of [0, 2, 10]) files[`train/${wnid}/images/${wnid}_${n}.JPEG`] = n === 2 ? GREY.jpeg : COLOUR.jpeg;
  }
  for (const n of [0, 1, 2, 10]) files[`val/images/val_${n}.JPEG`] = n === 2 ? GREY.jpeg : COLOUR.jpeg;
  return files;
}

async function zipOf(files: Files): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter());
  // Against the order of the names: what is read must not depend on it.
  for (const [path, data] of Object.entries(files).toReversed())
    await writer.add(`tiny-imagenet-200/${path}`, new Uint8ArrayReader(data), { level: path.endsWith('.txt') ? 5 : 0 });
  return writer.close();
}

const folderOf = (files: Files): Source[] =>
  Object.entries(files).map(([path, data]) => sourceOf(`tiny-imagenet-200/${path}`, data, true));

async function read(sources: Source[], options: Partial<ImportOptions> = {}) {
  const kept: KeptShard[] = [];
  const reports = await importSources(sources, {
    jpeg: nodeJpegDecoder,
    keep: (shard) => Promise.resolve(void kept.push(shard)),
    discard: (hashes) => {
      for (const hash of hashes) {
        kept.splice(
          kept.findIndex((shard) => shard.hash === hash),
          1,
        );
      }
      return Promise.resolve();
    },
    ...options,
  });
  return { kept, reports };
}

const messageOf = ({ reports }: Awaited<ReturnType<typeof read>>) => {
  const [{ outcome }] = reports;
  return outcome.ok ? '' : outcome.message;
};

describe('the JPEG decoder', () => {
  test.each([
    ['colour', COLOUR, 64],
    ['grey', GREY, 64],
    ['small', SMALL, 32],
  ])('gives the bits that libjpeg gives: %s', async (_, { jpeg, sha256 }, side) => {
    const decode = await nodeJpegDecoder();
    const { planes } = await decode(jpeg, side, side);
    expect(await sha256Hex(planes)).toBe(sha256);
  });

  test('reads the size from the frame header', () => {
    expect(jpegSize(COLOUR.jpeg)).toEqual({ width: 64, height: 64, components: 3 });
    expect(jpegSize(GREY.jpeg)).toEqual({ width: 64, height: 64, components: 1 });
    expect(jpegSize(text('no picture'))).toBeNull();
  });

  test('still works after a picture that does not decode', async () => {
    const decode = await nodeJpegDecoder();
    const broken = COLOUR.jpeg.slice();
    broken.fill(0xff, 150, broken.length - 2);
    await decode(broken, 64, 64).catch(() => undefined);
    const { planes } = await decode(GREY.jpeg, 64, 64);
    expect(await sha256Hex(planes)).toBe(GREY.sha256);
  });
});

describe('Tiny-ImageNet', () => {
  let zip: Uint8Array;
  beforeAll(async () => {
    zip = await zipOf(layout());
  });

  test('the zip archive gives training images in turns from the sorted classes, and val as the test part', async () => {
    const { kept, reports } = await read([sourceOf('tiny-imagenet-200.zip', zip)]);
    expect(reports).toEqual([
      {
        file: 'tiny-imagenet-200.zip',
        outcome: { ok: true, images: 13, dataset: 'tiny-imagenet', part: 'both' },
      },
    ]);
    const [train, val] = kept;
    expect([train.part, train.count, train.shape, [...train.labels]]).toEqual([
      'train',
      9,
      [3, 64, 64],
      [0, 1, 2, 0, 1, 2, 0, 1, 2],
    ]);
    expect([val.part, [...val.labels]]).toEqual(['test', [0, 1, 2, 1]]);
    expect(train.classes).toEqual(['goldfish', 'black stork', 'n09999999']);
    // Image 3 is the grey one of the first class: three equal channels.
    const grey = train.images.subarray(3 * 12288, 4 * 12288);
    expect(await sha256Hex(grey)).toBe(GREY.sha256);
  });

  test('the folder gives the same images as the archive', async () => {
    const packed = await read([sourceOf('a.zip', zip)]);
    const unpacked = await read(folderOf(layout()));
    expect(unpacked.kept.map(({ hash }) => hash)).toEqual(packed.kept.map(({ hash }) => hash));
    expect(unpacked.reports).toHaveLength(1);
  });

  test('a part of the folder is read: one class, and validation pictures sorted into class folders', async () => {
    const files = layout();
    const part: Files = {};
    for (const [path, data] of Object.entries(files)) if (path.includes(WNIDS[1])) part[path] = data;
    part[`val/${WNIDS[1]}/images/val_1.JPEG`] = COLOUR.jpeg;
    const { kept } = await read(folderOf(part));
    expect(kept.map(({ part: of, count, classes }) => [of, count, classes])).toEqual([
      ['train', 3, [WNIDS[1]]],
      ['test', 1, [WNIDS[1]]],
    ]);
  });

  test('only the classes and images asked for are decoded', async () => {
    const { kept } = await read([sourceOf('a.zip', zip)], { pictures: { classes: 2, train: 3, test: 0 } });
    expect(kept.map(({ part, labels }) => [part, [...labels]])).toEqual([['train', [0, 1, 0]]]);
  });

  test('a large one is asked about before anything is decoded', async () => {
    const { kept, reports } = await read([sourceOf('a.zip', zip)], { askAbove: 1000 });
    expect(kept).toEqual([]);
    expect(reports[0].outcome).toEqual({
      ok: true,
      images: 13,
      dataset: 'tiny-imagenet',
      part: 'size',
      classes: 3,
      bytes: 13 * 12288,
    });
  });

  test('one that does not fit is refused with both sizes', async () => {
    const result = await read([sourceOf('a.zip', zip)], { freeBytes: () => Promise.resolve(1000) });
    expect(messageOf(result)).toMatch(/^a\.zip: decoded it takes 0 MB, but this browser's storage has 0 MB left/);
  });

  test('the same archive again is refused, and nothing is kept twice', async () => {
    const { kept, reports } = await read([sourceOf('a.zip', zip), sourceOf('b.zip', zip)]);
    expect(kept).toHaveLength(2);
    expect(reports[1].outcome).toMatchObject({ ok: false, message: expect.stringMatching(/already loaded/) as string });
  });

  test.each<[string, (files: Files) => void, RegExp]>([
    [
      'a picture that is cut off',
      (files) => (files['val/images/val_2.JPEG'] = GREY.jpeg.slice(0, 500)),
      /val_2\.JPEG: this picture cannot be read: it is cut off/,
    ],
    [
      'a picture that is none',
      (files) => (files[`train/${WNIDS[0]}/images/${WNIDS[0]}_2.JPEG`] = text('nothing of the kind')),
      /n01443537_2\.JPEG: this picture cannot be read: it is not a JPEG/,
    ],
    [
      'a picture of another size',
      (files) => (files['val/images/val_0.JPEG'] = SMALL.jpeg),
      /val_0\.JPEG: this picture cannot be read: it has 32×32 pixels instead of 64×64/,
    ],
    [
      'a picture without an annotation',
      (files) => (files['val/images/val_77.JPEG'] = COLOUR.jpeg),
      /val_77\.JPEG: val_annotations\.txt does not say what this picture shows/,
    ],
    [
      'no annotations at all',
      (files) => void delete files['val/val_annotations.txt'],
      /val_annotations\.txt is missing/,
    ],
    [
      'a class that wnids.txt does not list',
      (files) => (files['wnids.txt'] = text(`${WNIDS[0]}\n${WNIDS[1]}\n`)),
      /n09999999 is not among those of wnids\.txt/,
    ],
    [
      'a damaged line of the annotations',
      (files) => (files['val/val_annotations.txt'] = text('val_0.JPEG\n')),
      /val_annotations\.txt: line 1 names no class/,
    ],
  ])('refuses %s by the name of the entry and keeps nothing', async (_, change, message) => {
    const files = layout();
    change(files);
    for (const sources of [[sourceOf('a.zip', await zipOf(files))], folderOf(files)]) {
      const result = await read(sources);
      expect(messageOf(result)).toMatch(message);
      expect(result.kept).toEqual([]);
    }
  });

  test('an archive that is cut off is refused wherever the cut is', async () => {
    for (const end of [100, zip.length >> 1, zip.length - 30]) {
      const result = await read([sourceOf('a.zip', zip.slice(0, end))]);
      expect(messageOf(result)).toMatch(/cut off or damaged/);
    }
  });

  test('a damaged member is refused by its checksum', async () => {
    const damaged = zip.slice();
    // The stored bytes of a picture, somewhere in its middle.
    const at = Buffer.from(zip).indexOf(Buffer.from(COLOUR.jpeg.subarray(300, 340)));
    damaged[at + 5] ^= 1;
    expect(messageOf(await read([sourceOf('a.zip', damaged)]))).toMatch(/this member of the zip archive is damaged/);
  });

  test('given up halfway, it leaves nothing behind', async () => {
    const controller = new AbortController();
    const gone: string[] = [];
    const kept: KeptShard[] = [];
    const running = importSources([sourceOf('a.zip', zip)], {
      jpeg: nodeJpegDecoder,
      signal: controller.signal,
      keep: (shard) => {
        kept.push(shard);
        controller.abort(new Error('given up'));
        return Promise.resolve();
      },
      discard: (hashes) => Promise.resolve(void gone.push(...hashes)),
    });
    await expect(running).rejects.toThrow('given up');
    expect(gone).toEqual(kept.map(({ hash }) => hash));
    expect(gone).toHaveLength(1);
  });

  test('a zip of something else says what may be done', async () => {
    const writer = new ZipWriter(new Uint8ArrayWriter());
    await writer.add('readme.txt', new Uint8ArrayReader(text('hello')));
    const result = await read([sourceOf('a.zip', await writer.close())]);
    expect(messageOf(result)).toMatch(/holds no data set of pictures\. Unpack it/);
  });
});
