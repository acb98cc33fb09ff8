/**
 * Tiny-ImageNet-200 (Stanford CS231n) from its folder or zip archive, all of it or a part.
 *
 *   wnids.txt                                     the classes, one WordNet id a line; sorted, they are labels 0, 1, 2, …
 *   words.txt                                     WordNet id, tab, names
 *   train/<wnid>/images/<wnid>_<n>.JPEG           64 × 64
 *   val/images/val_<n>.JPEG, val/val_annotations.txt   file name, tab, WordNet id, tab, a box; also sorted into val/<wnid>/
 *   test/images/                                  no labels: ignored
 *
 * The labelled `val` pictures are the test part, as in the papers. Training images are taken in turns from the classes (image 0 of
 * each class, then image 1, …), so that the first N images are balanced; `val` keeps the order of its numbers.
 */
import { printable } from '../domain/printable.ts';
import type { FileTree, TreeFile } from './fileTree.ts';
import type { DecodeJpeg } from './jpeg.ts';
import { grouped } from './shard.ts';
import { DataError } from './types.ts';
import type { Part } from './types.ts';

export const TINY_SHAPE: [number, number, number] = [3, 64, 64];
const IMAGE_BYTES = 3 * 64 * 64;

/** Largest file of the archive that is read: words.txt has 2.6 MB, a picture 4 KB at most. */
export const LARGEST_TINY_FILE = 8 << 20;

/** Images of one shard: 61 MB of pixels, all that is in memory at a time. */
const SHARD_IMAGES = 5000;

const TRAIN = /(?:^|\/)(n\d{8})\/(?:images\/)?\1_(\d+)\.jpe?g$/i;
const VAL = /(?:^|\/)(?:(n\d{8})\/)?(?:images\/)?(val_(\d+)\.jpe?g)$/i;

export const isTinyPath = (path: string): boolean => TRAIN.test(path) || VAL.test(path);

interface Labelled {
  file: TreeFile;
  label: number;
}

export interface TinyPlan {
  name: string;
  /** Names by label: the first name of words.txt, or the WordNet id. */
  classes: string[];
  images: Record<Part, Labelled[]>;
  /** Bytes of all images, decoded. */
  bytes: number;
}

export interface TinyLimits {
  /** Only the first N classes; null: all. */
  classes: number | null;
  /** Only the first N images of a part; null: all. */
  train: number | null;
  test: number | null;
}

export const WHOLE: TinyLimits = { classes: null, train: null, test: null };

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

const fileCalled = ({ files }: FileTree, name: string): TreeFile | undefined =>
  files.find(({ path }) => path === name || path.endsWith(`/${name}`));

async function textOf(file: TreeFile | undefined): Promise<string[] | null> {
  return file === undefined ? null : linesOf(new TextDecoder().decode(await file.read()));
}

/** A file of the tree, for error messages. */
const inside = (tree: FileTree, path: string): string => `${tree.name} → ${printable(path)}`;

/** WordNet ids by validation picture, from val_annotations.txt. */
async function annotationsOf(tree: FileTree): Promise<Map<string, string>> {
  const file = fileCalled(tree, 'val_annotations.txt');
  const labels = new Map<string, string>();
  for (const [i, line] of ((await textOf(file)) ?? []).entries()) {
    const [picture, wnid] = line.split('\t');
    if (!/^n\d{8}$/.test(wnid ?? ''))
      throw new DataError(inside(tree, file!.path), `line ${i + 1} names no class. Download the data set again.`);
    labels.set(picture, wnid);
  }
  return labels;
}

/** A short name for each class, unique. */
async function namesOf(tree: FileTree, wnids: string[]): Promise<string[]> {
  const words = new Map<string, string>();
  const wanted = new Set(wnids);
  for (const line of (await textOf(fileCalled(tree, 'words.txt'))) ?? []) {
    const [wnid, names = ''] = line.split('\t');
    const first = printable(names.split(',')[0].trim(), 60);
    if (wanted.has(wnid) && first !== '') words.set(wnid, first);
  }
  const names = wnids.map((wnid) => words.get(wnid) ?? wnid);
  // Two of the 200 share their first name with another.
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${wnids[i]})`));
}

/**
 * What the tree holds; null where it is not Tiny-ImageNet.
 * @throws DataError naming the entry that is wrong or missing
 */
export async function planTiny(tree: FileTree, limits: TinyLimits): Promise<TinyPlan | null> {
  const train: { file: TreeFile; wnid: string; number: number }[] = [];
  const val: { file: TreeFile; wnid: string | undefined; picture: string; number: number }[] = [];
  for (const file of tree.files) {
    const training = TRAIN.exec(file.path);
    const validation = training ? null : VAL.exec(file.path);
    if (training) train.push({ file, wnid: training[1], number: Number(training[2]) });
    else if (validation) val.push({ file, wnid: validation[1], picture: validation[2], number: Number(validation[3]) });
  }
  if (train.length === 0 && val.length === 0) return null;

  const annotations = await annotationsOf(tree);
  for (const each of val) {
    each.wnid ??= annotations.get(each.picture);
    if (each.wnid !== undefined) continue;
    throw annotations.size === 0
      ? new DataError(tree.name, 'val_annotations.txt is missing, which says what the validation pictures show.')
      : new DataError(inside(tree, each.file.path), 'val_annotations.txt does not say what this picture shows.');
  }
  const listed = await textOf(fileCalled(tree, 'wnids.txt'));
  const present = [...train, ...val].map(({ wnid }) => wnid!);
  const all = [...new Set(listed ?? present)].toSorted();
  const stray = [...train, ...val].find(({ wnid }) => !all.includes(wnid!));
  if (stray)
    throw new DataError(inside(tree, stray.file.path), `its class ${stray.wnid} is not among those of wnids.txt.`);
  const wnids = all.slice(0, limits.classes ?? Infinity);
  if (wnids.length > 256)
    throw new DataError(tree.name, `it has ${grouped(wnids.length)} classes; Tiny-ImageNet has 200.`);

  const labelOf = new Map(wnids.map((wnid, label) => [wnid, label]));
  const labelled = (found: { file: TreeFile; wnid?: string; number: number }[]) =>
    found.flatMap(({ file, wnid, number }) => {
      const label = labelOf.get(wnid!);
      return label === undefined ? [] : [{ file, label, number }];
    });
  const images = {
    train: labelled(train)
      .toSorted((a, b) => a.number - b.number || a.label - b.label)
      .slice(0, limits.train ?? Infinity),
    test: labelled(val)
      .toSorted((a, b) => a.number - b.number || a.label - b.label)
      .slice(0, limits.test ?? Infinity),
  };
  return {
    name: tree.name,
    classes: await namesOf(tree, wnids),
    images,
    bytes: (images.train.length + images.test.length) * IMAGE_BYTES,
  };
}

export interface TinyShard {
  part: Part;
  /** As shown: "tiny-imagenet-200.zip → train 03 of 20". */
  file: string;
  images: Uint8Array;
  labels: Uint8Array;
  count: number;
}

/**
 * The images, decoded, in shards of at most 5,000.
 * @param onImage after each image
 * @throws DataError naming the picture that does not decode
 */
export async function* tinyShards(
  plan: TinyPlan,
  decode: DecodeJpeg,
  onImage: () => void,
  signal?: AbortSignal,
): AsyncGenerator<TinyShard> {
  const [, height, width] = TINY_SHAPE;
  for (const part of ['train', 'test'] as const) {
    const all = plan.images[part];
    const shards = Math.ceil(all.length / SHARD_IMAGES);
    for (let s = 0; s < shards; s++) {
      const own = all.slice(s * SHARD_IMAGES, (s + 1) * SHARD_IMAGES);
      const images = new Uint8Array(own.length * IMAGE_BYTES);
      const labels = Uint8Array.from(own, ({ label }) => label);
      // Read as they lie in the archive, put where they belong.
      const reading = own.map(({ file }, at) => ({ file, at })).sort((a, b) => a.file.position - b.file.position);
      for (const { file, at } of reading) {
        signal?.throwIfAborted();
        const bytes = await file.read();
        try {
          images.set((await decode(bytes, width, height)).planes, at * IMAGE_BYTES);
        } catch (cause) {
          const why = cause instanceof RangeError ? cause.message : 'it does not decode';
          throw new DataError(
            `${plan.name} → ${printable(file.path)}`,
            `this picture cannot be read: ${why}. Download the data set again.`,
          );
        }
        onImage();
      }
      const digits = String(shards).length;
      yield {
        part,
        file: `${plan.name} → ${part === 'train' ? 'train' : 'val'} ${String(s + 1).padStart(digits, '0')} of ${shards}`,
        images,
        labels,
        count: own.length,
      };
    }
  }
}
