/**
 * --data PATH…: files, archives and folders as the page takes them, read by the same importer; `synthetic` is the built-in
 * data set. `train=PATH` and `test=PATH` set the split of a file, or of the files in a folder or archive whose names do not tell.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeJpegDecoder } from './jpegModule.ts';
import { assemble, syntheticDataSet } from '../data/dataset.ts';
import { DATASET_TITLES } from '../data/formats.ts';
import { importSources } from '../data/importer.ts';
import type { FileReport, KeptShard } from '../data/importer.ts';
import { compareNatural } from '../data/order.ts';
import { unreadable } from '../data/source.ts';
import type { Chunks, Source } from '../data/source.ts';
import { DataError } from '../data/types.ts';
import type { DataSet, DataSetName, Part } from '../data/types.ts';

/** The data that an experiment (domain: datasetSchema) or a finished run needs. */
export interface WantedData {
  /** null: any. */
  name: DataSetName | null;
  /** What needs it, for the error about other data; default 'experiment'. */
  of?: 'experiment' | 'run';
  trainImages: number | null;
  testImages: number | null;
  syntheticSeed: number;
  /** The network's classes: of an image data set that has more, the first N are used. Default: all. */
  classes?: number;
  /** Only this part is wanted; default both. */
  only?: Part;
  /** Height and width of the built-in images; default 32. */
  size?: number;
}

/** Side of the built-in images for a network: 32, or its input size if larger. `arrange` downsamples to smaller inputs. */
export const drawnSize = ({ inputShape }: { inputShape: readonly number[] }): number => Math.max(32, inputShape[1]);

export interface PathOptions {
  onProgress?: (file: string, done: number, total: number) => void;
  onReport?: (report: FileReport) => void;
  signal?: AbortSignal;
}

const CHUNK = 1 << 20;

async function* chunksOfFile(path: string): Chunks & AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: CHUNK });
  for await (const buffer of stream as AsyncIterable<Buffer>) {
    // A plain array: slice() of a Buffer would not copy.
    yield new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
}

async function sliceOfFile(path: string, from: number, to: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Every file below a folder in natural order; links are followed, but no folder is entered twice. */
async function walk(folder: string, visited: Set<string>): Promise<string[]> {
  const real = await realpath(folder);
  if (visited.has(real)) return [];
  visited.add(real);
  const entries = (await readdir(folder)).toSorted(compareNatural);
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry);
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory()) files.push(...(await walk(path, visited)));
    else if (found?.isFile()) files.push(path);
  }
  return files;
}

async function sourceOf(path: string, folder: string | null): Promise<Source> {
  const { size } = await stat(path);
  return { name: path, size, folder, open: () => chunksOfFile(path), slice: (from, to) => sliceOfFile(path, from, to) };
}

/** The files of one argument. */
async function expand(path: string): Promise<Source[]> {
  if (path === '') throw new DataError('--data', 'an empty path was given. Name a file, an archive or a folder.');
  let found;
  try {
    found = await stat(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, cause);
    throw new DataError(path, 'there is no such file or folder. Check --data.');
  }
  if (!found.isDirectory()) return [await sourceOf(path, null)];
  const files = await walk(path, new Set()).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (files.length === 0) throw new DataError(path, 'the folder is empty. Check --data.');
  return Promise.all(files.map((file) => sourceOf(file, path)));
}

/** `train=PATH`, `test=PATH` or a path, which may contain an equals sign. */
function splitArgument(argument: string): { path: string; part: Part | null } {
  const match = /^(train|test)=(.*)$/s.exec(argument);
  return match === null ? { path: argument, part: null } : { path: match[2], part: match[1] as Part };
}

/**
 * Reads all paths as one data set. The first file that cannot be used ends it, so that a script never trains on less data than it named.
 * @throws DataError, or the signal's reason
 */
export async function readDataPaths(
  paths: readonly string[],
  wanted: WantedData,
  options: PathOptions = {},
): Promise<DataSet> {
  const synthetic = paths.includes('synthetic');
  if (synthetic && paths.length > 1) {
    throw new DataError('synthetic', 'the built-in data cannot be mixed with files. Name one or the other in --data.');
  }
  if (synthetic || (paths.length === 0 && wanted.name === 'synthetic')) {
    if (wanted.name !== null && wanted.name !== 'synthetic') throw mismatch('synthetic', 'synthetic', wanted);
    return syntheticDataSet(wanted.syntheticSeed, wanted.trainImages, wanted.testImages, wanted.size);
  }
  if (paths.length === 0) {
    throw new DataError(
      '--data',
      wanted.name === null
        ? 'name the files, archive or folder of the data set.'
        : `${purpose(wanted)} ${DATASET_TITLES[wanted.name]}: name its files, archive or folder.`,
    );
  }

  const sources: Source[] = [];
  const parts: Record<string, Part> = {};
  for (const argument of paths) {
    const { path, part } = splitArgument(argument);
    const found = await expand(path);
    sources.push(...found);
    if (part !== null) for (const { name, folder } of found) parts[folder ?? name] = part;
  }

  const shards: KeptShard[] = [];
  let classes: string[] | undefined;
  const reports = await importSources(sources, {
    ...options,
    parts,
    // A script has said how much it wants; balanced over the classes, in both.
    pictures: {
      classes: wanted.classes ?? null,
      train: wanted.only === 'test' ? 0 : wanted.trainImages,
      test: wanted.only === 'train' ? 0 : wanted.testImages,
    },
    jpeg: nodeJpegDecoder,
    keep: (shard) => Promise.resolve(void shards.push(shard)),
    names: (_, names) => void (classes = names),
  });
  for (const { file, outcome } of reports) {
    if (!outcome.ok) throw new DataError(file, outcome.message.slice(file.length + 2));
    if (outcome.part === 'ask') {
      const path = file.split(' → ')[0];
      throw new DataError(
        file,
        `nothing says whether it holds training or test images. Write train=${path} or test=${path}.`,
      );
    }
  }
  if (shards.length === 0) {
    const where = sources.length === 1 ? 'in it' : `in these ${sources.length} files`;
    throw new DataError(
      paths.join(', '),
      `there are no images ${where}, only names of classes. Add the batches to --data.`,
    );
  }
  const { dataset, file } = shards[0];
  if (wanted.name !== null && dataset !== wanted.name) throw mismatch(file, dataset, wanted);
  return assemble(dataset, shards, (shard) => Promise.resolve(shard), classes);
}

const purpose = ({ of }: WantedData): string => (of === 'run' ? 'the run was trained on' : 'the experiment trains on');

function mismatch(file: string, found: DataSetName, wanted: WantedData): DataError {
  const title = wanted.name === null ? '' : DATASET_TITLES[wanted.name];
  const change = wanted.of === 'run' ? 'Change --data.' : "Change --data or the experiment's dataset.name.";
  return new DataError(file, `this is ${DATASET_TITLES[found]}, but ${purpose(wanted)} ${title}. ${change}`);
}
