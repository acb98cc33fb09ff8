/**
 * The import pipeline of the page's drop target and the command line's --data. Streams each source, unpacks archives on the fly,
 * recognises files by content and passes every valid shard to `keep`. A file that cannot be read is reported in one sentence and does
 * not affect the others; an archive that ends early is rejected as a whole.
 */
import { printable } from '../domain/printable.ts';
import { READABLE } from './cifarBinary.ts';
import { DATASET_TITLES } from './formats.ts';
import { folderTree } from './fileTree.ts';
import { gunzip } from './gzip.ts';
import { importPictures } from './importPictures.ts';
import { partFromName } from './parts.ts';
import { HEAD_BYTES, readContent, refusal, sniff } from './recognise.ts';
import { fingerprint, grouped, imagesText } from './shard.ts';
import type { Content, ImportedName, Shard } from './shard.ts';
import type { FileReport, ImportOptions, PresentShard } from './importTypes.ts';
import { ChunkReader, chunksOfSource, LARGEST_FILE, tooLarge, watched } from './source.ts';
import type { Chunks, Source } from './source.ts';
import { untar } from './tar.ts';
import { isTinyPath, LARGEST_TINY_FILE } from './tinyImagenet.ts';
import { DataError } from './types.ts';
import type { Part } from './types.ts';

export type { FileReport, ImportOptions, KeptShard } from './importTypes.ts';

const PROGRESS_BYTES = 1 << 20;

/** Most bytes of pixels in one archive, which are in memory until its end is read: five times the largest official archive. */
const LARGEST_ARCHIVE = 1 << 30;

/** Members of one archive that are refused one by one; the rest is counted. */
const MOST_REFUSED = 20;

/** Longest name of a dropped file, as reported; file systems allow 255 bytes for each component of a path. */
const LONGEST_NAME = 300;

/** A path relative to a folder or archive; unchanged where it does not begin with that name. */
function below(path: string, around: string): string {
  const prefix = around.replace(/[/\\]+$/, '');
  const rest = path.slice(prefix.length);
  return path.startsWith(prefix) && /^([/\\]| → )/.test(rest) ? rest : path;
}

/** Files that operating systems leave in folders and archives, hidden files included. `path` is relative to the folder. */
function isDebris(path: string): boolean {
  const names = path.split(/[/\\]/);
  return names.some((name) => /^\.[^.]/.test(name) || /^(thumbs\.db|desktop\.ini|__MACOSX)$/i.test(name));
}

class Importer {
  readonly reports: FileReport[] = [];
  private readonly seen = new Map<string, PresentShard>();
  /** Counts over all files that were inside folders. */
  private readonly folder = { name: '', files: 0, pictures: 0 };
  private first: { dataset: ImportedName; file: string } | null = null;

  constructor(private readonly options: ImportOptions) {
    for (const shard of options.present ?? []) this.seen.set(shard.hash, shard);
  }

  private report(report: FileReport): void {
    this.reports.push(report);
    this.options.onReport?.(report);
  }

  private refuse(file: string, error: unknown): void {
    if (!(error instanceof DataError)) throw error;
    this.report({ file, outcome: { ok: false, message: error.message } });
  }

  /** The bytes of one source; reports progress. */
  private stream(source: Source): Chunks {
    const { onProgress, signal } = this.options;
    let done = 0;
    let reported = 0;
    return watched(
      chunksOfSource(source),
      (bytes) => {
        done += bytes;
        if (source.size < PROGRESS_BYTES || (done - reported < PROGRESS_BYTES && done < source.size)) return;
        reported = done;
        onProgress?.(source.name, Math.min(done, source.size), source.size);
      },
      signal,
    );
  }

  /** One source from its first byte to its report. */
  async read(source: Source): Promise<void> {
    if (source.folder !== null) {
      this.folder.name ||= source.folder;
      this.folder.files++;
      if (isDebris(below(source.name, source.folder))) return;
    }
    const reader = new ChunkReader(this.stream(source));
    try {
      const head = await reader.peek(HEAD_BYTES);
      const kind = sniff(head);
      if (kind === 'picture' && source.folder !== null) {
        this.folder.pictures++;
        return;
      }
      if (kind === 'zip' && source.slice && (await this.readZip(source, source.slice))) return;
      const refused = refusal(kind, head, source.name);
      if (refused !== null) throw refused;
      if (kind === 'gzip') await this.readGzip(gunzip(reader.remaining(), source.name), source);
      else if (kind === 'tar') await this.readTar(reader.remaining(), source);
      else {
        // Archives may be any size, their members may not.
        if (source.size > LARGEST_FILE) throw tooLarge(source.name, source.size);
        const bytes = await reader.rest(source.name);
        await this.take(readContent(bytes, source.name, source.folder !== null), source.name, source);
      }
    } catch (error) {
      this.refuse(source.name, error);
    } finally {
      await reader.close();
    }
  }

  /** Reports folders in which no file was worth a report of its own. */
  finish(): void {
    const { name, files, pictures } = this.folder;
    if (files === 0 || this.reports.length > 0) return;
    const what =
      files === 1
        ? `its one file is ${pictures === 1 ? 'a picture, and folders of pictures are not read' : 'no data set'}.`
        : pictures > 0
          ? `these ${grouped(files)} files hold ${grouped(pictures)} pictures, and folders of pictures are not read.`
          : `none of these ${grouped(files)} files is a data set.`;
    this.report({ file: name, outcome: { ok: false, message: `${name}: ${what} ${READABLE}` } });
  }

  /** A zip archive of pictures; false where it holds something else. */
  private async readZip(source: Source, slice: NonNullable<Source['slice']>): Promise<boolean> {
    // Loaded when the first zip archive comes: the library is as large as all other readers together.
    const { zipTree } = await import('./zipTree.ts');
    const tree = await zipTree(source, slice, LARGEST_TINY_FILE, this.options.signal);
    return this.takePictures(await importPictures(tree, this.options, this.seen));
  }

  /** Folders of pictures: returns the sources that belong to none. */
  async readFolders(sources: readonly Source[]): Promise<Source[]> {
    const folders = new Set(
      sources.flatMap(({ name, folder }) => (folder !== null && isTinyPath(name) ? [folder] : [])),
    );
    for (const folder of folders) {
      const own = sources.filter((source) => source.folder === folder);
      try {
        const tree = folderTree(folder, own, LARGEST_TINY_FILE);
        this.takePictures(await importPictures(tree, this.options, this.seen));
      } catch (error) {
        this.refuse(folder, error);
      }
    }
    return sources.filter(({ folder }) => folder === null || !folders.has(folder));
  }

  private takePictures(imported: Awaited<ReturnType<typeof importPictures>>): boolean {
    if (imported === null) return false;
    for (const { hash, file, part } of imported.kept) this.seen.set(hash, { hash, file, part });
    this.report(imported.report);
    return true;
  }

  /** Inside a gzip there is a tar, or one gzipped shard. */
  private async readGzip(unpacked: Chunks, source: Source): Promise<void> {
    const reader = new ChunkReader(unpacked);
    try {
      const head = await reader.peek(HEAD_BYTES);
      if (sniff(head) === 'tar') return await this.readTar(reader.remaining(), source);
      const bytes = await reader.rest(source.name);
      await this.take(readContent(bytes, source.name, false), source.name, source);
    } finally {
      await reader.close();
    }
  }

  /** Members are stored only after the archive has been read to its end. */
  private async readTar(chunks: Chunks, source: Source): Promise<void> {
    const contents: { file: string; content: Content }[] = [];
    const bad: { file: string; error: unknown }[] = [];
    let refused = 0;
    let held = 0;
    for await (const member of untar(chunks, source.name)) {
      if (isDebris(member.name)) continue;
      const file = `${source.name} → ${member.name}`;
      try {
        if (sniff(member.data.subarray(0, HEAD_BYTES)) === 'picture') continue;
        const content = readContent(member.data, file, true);
        contents.push({ file, content });
        if (content.kind === 'shard') held += content.shard.images.length;
      } catch (error) {
        refused++;
        if (bad.length < MOST_REFUSED) bad.push({ file, error });
      }
      if (held > LARGEST_ARCHIVE)
        throw new DataError(source.name, 'the archive holds more images than any that can be read here. Leave it out.');
    }
    for (const { file, error } of bad) this.refuse(file, error);
    if (refused > bad.length)
      this.refuse(
        source.name,
        new DataError(
          source.name,
          `${grouped(refused - bad.length)} further members of the archive cannot be read either.`,
        ),
      );
    for (const { file, content } of contents) {
      try {
        await this.take(content, file, source);
      } catch (error) {
        this.refuse(file, error);
      }
    }
    if (bad.length === 0 && !contents.some(({ content }) => content.kind !== 'nothing')) {
      throw new DataError(
        source.name,
        'the archive holds no CIFAR data. Choose one of the four that are published as cifar-10 and cifar-100 .tar.gz.',
      );
    }
  }

  private partOf(shard: Shard, file: string, source: Source): Part | null {
    const named = new Map(Object.entries(this.options.parts ?? {}));
    const exactly = named.get(file);
    if (exactly !== undefined) return exactly;
    const around = named.has(source.name) ? source.name : (source.folder ?? '');
    const answer = named.get(around);
    if (answer === undefined) return shard.part ?? partFromName(file);
    return shard.part ?? partFromName(below(file, around)) ?? answer;
  }

  private async take(content: Content, file: string, source: Source): Promise<void> {
    if (content.kind === 'nothing') return;
    if (content.kind === 'names') {
      this.options.names?.(content.dataset, content.names);
      return;
    }
    const { shard } = content;
    const { parts, signal, keep } = this.options;
    signal?.throwIfAborted();
    if (this.first !== null && this.first.dataset !== shard.dataset) {
      throw new DataError(
        file,
        `this is ${DATASET_TITLES[shard.dataset]}, but ${this.first.file}, chosen together with it, is ` +
          `${DATASET_TITLES[this.first.dataset]}. Choose the files of one data set at a time.`,
      );
    }
    const hash = await fingerprint(shard);
    const same = this.seen.get(hash);
    if (same !== undefined) {
      if (parts !== undefined && same.file === file && this.options.present?.includes(same)) {
        // The archive is read again because the part of another member was unknown.
        this.report({ file, outcome: { ok: true, images: shard.count, dataset: shard.dataset, part: same.part } });
        return;
      }
      throw new DataError(
        file,
        `holds the same ${imagesText(shard.count)} as ${same.file}, which is already loaded. Nothing was added: leave it out.`,
      );
    }
    const part = this.partOf(shard, file, source);
    this.first ??= { dataset: shard.dataset, file };
    if (part !== null) {
      await keep({ ...shard, part, file, hash });
      this.seen.set(hash, { hash, file, part });
    }
    this.report({ file, outcome: { ok: true, images: shard.count, dataset: shard.dataset, part: part ?? 'ask' } });
  }
}

/**
 * Reads every source in turn. Resolves with one report a file (a member, for archives); rejects only with the signal's reason
 * or an error of the disk.
 */
export async function importSources(sources: readonly Source[], options: ImportOptions): Promise<FileReport[]> {
  const importer = new Importer(options);
  for (const source of await importer.readFolders(sources)) {
    options.signal?.throwIfAborted();
    const { name, folder, slice } = source;
    await importer.read({
      size: source.size,
      name: printable(name, LONGEST_NAME),
      folder: folder === null ? null : printable(folder, LONGEST_NAME),
      open: () => source.open(),
      ...(slice && { slice: (from: number, to: number) => slice(from, to) }),
    });
  }
  importer.finish();
  return importer.reports;
}
