/**
 * The data sets stored in the browser: imports files off the main thread, keeps them in the private file system across reloads, and
 * loads them for training. Nothing is uploaded.
 *
 * A shard file is its labels, one byte each, then its pixels, N × 3 × H × W. It is never changed once the index names it.
 * Every change holds a lock of the origin, so that two tabs do not overwrite each other.
 */
import { assemble, defaultClasses, firstShards, syntheticDataSet } from '../data/dataset.ts';
import type { Pixels } from '../data/dataset.ts';
import { DATASET_TITLES } from '../data/formats.ts';
import { importSources } from '../data/importer.ts';
import type { FileReport, KeptShard } from '../data/importer.ts';
import { inOrder } from '../data/order.ts';
import type { ImportedName } from '../data/shard.ts';
import { chunksOf } from '../data/source.ts';
import type { Source } from '../data/source.ts';
import { countPerClass } from '../data/stats.ts';
import { drawSynthetic } from '../data/synthetic.ts';
import { DataError } from '../data/types.ts';
import type { DataSet, Part } from '../data/types.ts';
import { MemoryFolder, NoSpaceError } from './byteFolder.ts';
import type { ByteFolder } from './byteFolder.ts';
import { browserJpegDecoder } from './jpegModule.ts';
import { isIndexFile, pixelsPerImage, readIndex, shardBytes, writeIndex } from './dataIndex.ts';
import type { DataIndex, StoredSet, StoredShard } from './dataIndex.ts';
import { summaryOf, syntheticSummary, thumbnailsOf } from './dataSummary.ts';
import type { LabelledPixels } from './dataSummary.ts';
import { OpfsFolder } from './opfsFolder.ts';
import type { DataSummary, Thumbnails } from './protocol.ts';

export interface ImportFilesOptions {
  /** Path of each file below the dropped folder; without it, the File's own. */
  paths?: readonly string[];
  parts?: Record<string, Part>;
  /** Number of classes to keep of a large data set of pictures; null: all; undefined: the page asks. */
  classes?: number | null;
  onProgress?: (file: string, done: number, total: number) => void;
  onReport?: (report: FileReport) => void;
  signal?: AbortSignal;
}

/** What an experiment says about its data (domain: datasetSchema). */
export interface DataChoice {
  name: DataSummary['name'];
  trainImages: number | null;
  testImages: number | null;
  syntheticSeed: number;
  /** Height and width of the generated built-in images; default 32. */
  size?: number;
}

/** Decoded data sets beyond this many bytes are asked about before they are kept. */
const ASK_ABOVE = 200e6;

const shardFile = (hash: string): string => `${hash}.shard`;
const names = (index: DataIndex): ImportedName[] => Object.keys(index.sets) as ImportedName[];
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function sourceOf(file: File, path: string): Source {
  return {
    name: path,
    size: file.size,
    folder: path.includes('/') ? path.split('/')[0] : null,
    open: () => chunksOf(file.stream()),
    slice: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
  };
}

export class DataStore {
  private constructor(private readonly folder: ByteFolder) {}

  /**
   * Opens the store and deletes what crashes and removals left behind. Without a private file system (in some private windows) the
   * data are kept in memory and `lasting` is false.
   */
  static async open(folder?: ByteFolder): Promise<DataStore> {
    const store = new DataStore(folder ?? (await OpfsFolder.open('data').catch(() => new MemoryFolder())));
    await store.exclusively(() => store.tidy());
    return store;
  }

  /** False: the data are lost on reload. */
  get lasting(): boolean {
    return this.folder.lasting;
  }

  /** Runs one change at a time across all tabs of this origin. */
  private async exclusively<T>(change: () => Promise<T>): Promise<T> {
    const locks = this.folder.lasting && typeof navigator === 'object' && 'locks' in navigator ? navigator.locks : null;
    // The lock's own type hides that it resolves with what the callback does.
    return locks === null ? change() : ((await locks.request('relu-studio/data', change)) as T);
  }

  /** Drops removed sets, shards whose file is gone or short, and files that no index names. */
  private async tidy(): Promise<void> {
    const index = await readIndex(this.folder);
    const sets: DataIndex['sets'] = {};
    let changed = false;
    for (const name of names(index)) {
      const set = index.sets[name];
      if (set === undefined) continue;
      const sizes = await Promise.all(set.shards.map((shard) => this.folder.size(shardFile(shard.hash))));
      const shards = set.removed ? [] : set.shards.filter((shard, i) => sizes[i] === shardBytes(shard));
      if (shards.length > 0) sets[name] = { ...set, shards };
      changed ||= shards.length !== set.shards.length;
    }
    if (changed) await writeIndex(this.folder, { ...index, sets });
    const named = new Set(Object.values(sets).flatMap((set) => set.shards.map((shard) => shardFile(shard.hash))));
    for (const file of await this.folder.names()) {
      if (!isIndexFile(file) && !named.has(file)) await this.folder.remove(file);
    }
  }

  private async set(name: string): Promise<StoredSet> {
    const index = await readIndex(this.folder);
    const set = Object.hasOwn(index.sets, name) ? index.sets[name as ImportedName] : undefined;
    if (set === undefined || set.removed) {
      const title = Object.hasOwn(DATASET_TITLES, name) ? DATASET_TITLES[name as DataSummary['name']] : name;
      throw new DataError(title, 'is not loaded. Drop its files anywhere on the page.');
    }
    return set;
  }

  /** The built-in data first, then what was imported, by name. */
  async list(): Promise<DataSummary[]> {
    const index = await readIndex(this.folder);
    const imported = names(index)
      .toSorted()
      .flatMap((name) => {
        const set = index.sets[name];
        return set === undefined || set.removed ? [] : [summaryOf(name, set)];
      });
    return [syntheticSummary(), ...imported];
  }

  /** Reads files one after the other; each shard is on disk before it is reported. Rejects when cancelled. */
  async import(files: readonly File[], options: ImportFilesOptions = {}): Promise<FileReport[]> {
    const sources = files.map((file, i) => sourceOf(file, options.paths?.[i] || file.webkitRelativePath || file.name));
    const index = await readIndex(this.folder);
    const present = Object.values(index.sets).flatMap((set) => (set.removed ? [] : set.shards));
    const classes = new Map<ImportedName, string[]>();
    const touched = new Set<ImportedName>();
    const { classes: most, ...rest } = options;
    const reports = await importSources(sources, {
      ...rest,
      ...(most === undefined ? {} : { pictures: { classes: most } }),
      askAbove: ASK_ABOVE,
      jpeg: browserJpegDecoder,
      freeBytes: () => this.folder.freeBytes(),
      discard: (hashes) => this.exclusively(() => this.discard(hashes)),
      present,
      keep: async (shard) => {
        touched.add(shard.dataset);
        await this.exclusively(() => this.keep(shard));
      },
      names: (dataset, list) => void classes.set(dataset, list),
    });
    for (const [name, list] of classes) if (touched.has(name)) await this.exclusively(() => this.rename(name, list));
    return reports;
  }

  private async keep(shard: KeptShard): Promise<void> {
    try {
      await this.add(shard).catch(async (error: unknown) => {
        if (!(error instanceof NoSpaceError)) throw error;
        // Removed data that could still be restored are deleted first.
        await this.tidy();
        await this.add(shard);
      });
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
      throw new DataError(
        shard.file,
        `there is not enough space for it (${megabytes(shard.images.length)}) in this browser's storage. Remove a data set or free space on the disk.`,
      );
    }
  }

  /** Takes shards out of the index and off the disk. */
  private async discard(hashes: readonly string[]): Promise<void> {
    const gone = new Set(hashes);
    const index = await readIndex(this.folder);
    const sets: DataIndex['sets'] = {};
    for (const name of names(index)) {
      const set = index.sets[name]!;
      const shards = set.shards.filter(({ hash }) => !gone.has(hash));
      if (shards.length > 0) sets[name] = { ...set, shards };
    }
    await writeIndex(this.folder, { ...index, sets });
    for (const hash of hashes) await this.folder.remove(shardFile(hash));
  }

  private async add(shard: KeptShard): Promise<void> {
    const index = await readIndex(this.folder);
    const known = index.sets[shard.dataset];
    const set =
      known !== undefined && !known.removed
        ? known
        : { classes: [...(shard.classes ?? defaultClasses(shard.dataset))], shards: [], removed: false };
    if (shard.classes && shard.classes.join('\n') !== set.classes.join('\n'))
      throw new DataError(
        shard.file,
        `its ${shard.classes.length} classes are not the ${set.classes.length} of the ${DATASET_TITLES[shard.dataset]} images already kept. Remove those first, or drop all files together.`,
      );
    await this.folder.write(shardFile(shard.hash), [shard.labels, shard.images]);
    const { hash, file, part, count, shape } = shard;
    const stored: StoredShard = {
      hash,
      file,
      part,
      count,
      shape,
      perClass: countPerClass(shard.labels, set.classes.length),
    };
    await writeIndex(this.folder, {
      ...index,
      sets: { ...index.sets, [shard.dataset]: { ...set, shards: [...set.shards, stored] } },
    });
  }

  private async rename(name: ImportedName, classes: string[]): Promise<void> {
    const index = await readIndex(this.folder);
    const set = index.sets[name];
    if (set === undefined || set.classes.length !== classes.length || set.classes.join('\n') === classes.join('\n'))
      return;
    await writeIndex(this.folder, { ...index, sets: { ...index.sets, [name]: { ...set, classes } } });
  }

  /** Removes a data set; `restore` undoes it until the next start. */
  async remove(name: string): Promise<void> {
    await this.exclusively(async () => {
      await this.set(name);
      await this.flag(name as ImportedName, true);
    });
  }

  async restore(name: string): Promise<void> {
    await this.exclusively(async () => {
      const index = await readIndex(this.folder);
      const set = Object.hasOwn(index.sets, name) ? index.sets[name as ImportedName] : undefined;
      if (set === undefined) throw new DataError(name, 'cannot be restored any more. Drop its files again.');
      await this.flag(name as ImportedName, false);
    });
  }

  private async flag(name: ImportedName, removed: boolean): Promise<void> {
    const index = await readIndex(this.folder);
    const set = index.sets[name];
    if (set === undefined || set.removed === removed) return;
    await writeIndex(this.folder, { ...index, sets: { ...index.sets, [name]: { ...set, removed } } });
  }

  private async pixels(shard: StoredShard): Promise<Pixels> {
    const bytes = await this.folder.read(shardFile(shard.hash), 0, shardBytes(shard));
    return { labels: bytes.subarray(0, shard.count), images: bytes.subarray(shard.count) };
  }

  /** A whole data set, for training: the built-in one generated for the experiment, the others as imported. */
  async load(choice: DataChoice): Promise<DataSet> {
    if (choice.name === 'synthetic')
      return syntheticDataSet(choice.syntheticSeed, choice.trainImages, choice.testImages, choice.size);
    const { shards, classes } = await this.set(choice.name);
    const wanted = firstShards(shards, { train: choice.trainImages, test: choice.testImages });
    return assemble(choice.name, wanted, (shard) => this.pixels(shard), classes);
  }

  /** A few images of a part, as RGBA, read one by one. Indices beyond the end are ignored. */
  async thumbnails(name: string, part: Part, indices: readonly number[], syntheticSeed = 1): Promise<Thumbnails> {
    const found: LabelledPixels[] = [];
    let shape: [number, number, number] = [3, 32, 32];
    if (name === 'synthetic') {
      for (const first of indices) {
        const { images, labels } = drawSynthetic({ seed: syntheticSeed, part, count: 1, first });
        found.push({ image: images, label: labels[0] });
      }
    } else {
      const set = await this.set(name);
      const shards = inOrder(set.shards.filter((shard) => shard.part === part));
      shape = shards[0]?.shape ?? shape;
      const bytes = pixelsPerImage(shape);
      for (const index of indices) {
        let at = index;
        const shard = shards.find(({ count }) => at < count || ((at -= count), false));
        if (shard === undefined || at < 0) continue;
        const [label] = await this.folder.read(shardFile(shard.hash), at, 1);
        found.push({ image: await this.folder.read(shardFile(shard.hash), shard.count + at * bytes, bytes), label });
      }
    }
    return thumbnailsOf(found, shape);
  }
}
