/**
 * Opening files that were dropped or chosen: experiments, masks with their weights, and data, told apart by their content. A refused
 * file changes nothing.
 */
import type { FileReport } from '../worker/protocol.ts';
import { trainOnImported } from './dataset/chooseDataset.ts';
import { checkExperiment, readJson } from './experimentFile.ts';
import { offerUndo, tellError, tellNote } from './notify.ts';
import { ask } from './link.ts';
import { refreshData, refreshRuns, viewRun } from './lists.ts';
import { isNarrow } from './shell/useNarrow.ts';
import { useExperiment } from './stores/experiment.ts';
import { useSession } from './stores/session.ts';
import { useView } from './stores/view.ts';
import { isCheckpoint, isRunArchive, openRunArchive, openWeights } from './weights/importing.ts';

const isJson = (file: File) => /\.json$/i.test(file.name);
const isWeights = (file: File) => /\.safetensors$/i.test(file.name);

/** Opens any files. */
export async function openFiles(files: File[]): Promise<void> {
  const weights = files.filter(isWeights);
  const json = files.filter(isJson);
  const checkpoints = files.filter(isCheckpoint);
  const archives = files.filter(isRunArchive);
  const known = new Set([...weights, ...json, ...checkpoints, ...archives]);
  const data = files.filter((file) => !known.has(file));
  let hasMasks = false;
  for (const file of json) hasMasks = (await openJson(file, weights)) || hasMasks;
  for (const file of archives) await openRunArchive(file);
  // One dialog at a time: further weights wait for another drop.
  const [alone, ...others] = [...(hasMasks ? [] : weights), ...checkpoints];
  if (alone) await openWeights(alone);
  if (others.length > 0)
    tellNote('One file of weights at a time', `${others.map(({ name }) => name).join(', ')}: drop each on its own.`);
  if (data.length > 0) await importData(data);
}

/** @returns true where the file was a masks.json. */
async function openJson(file: File, weights: File[]): Promise<boolean> {
  let isMasks = false;
  try {
    const text = await file.text();
    const value = readJson(text, file.name);
    const format = (value as { format?: unknown } | null)?.format;
    if (format === 'relu-studio/masks') {
      isMasks = true;
      await importMasks(file.name, text, value, weights);
    } else if (format === 'relu-studio/experiment') {
      const note = (sentence: string) => tellNote('A setting was dropped', sentence);
      offerUndo(`Opened ${file.name}.`, useExperiment.getState().open(checkExperiment(value, file.name, note)));
    } else {
      throw new TypeError(
        `${file.name} is neither an experiment nor masks: its "format" is ${JSON.stringify(format) ?? 'missing'}.`,
      );
    }
  } catch (error) {
    tellError('The file could not be opened', error);
  }
  return isMasks;
}

async function importMasks(name: string, text: string, value: unknown, weights: File[]): Promise<void> {
  const wanted = (value as { weights?: { file?: unknown } }).weights?.file;
  const file =
    weights.find((candidate) => candidate.name === wanted) ?? (weights.length === 1 ? weights[0] : undefined);
  const { run, sameWeights } = await ask({
    type: 'masks:import',
    masks: text,
    weights: file ? await file.arrayBuffer() : null,
    fileName: name,
  });
  await refreshRuns();
  viewRun(run);
  useView.getState().setTab('masks');
  tellNote(
    `Imported ${name}`,
    file
      ? sameWeights
        ? 'It can be inspected, evaluated and finetuned.'
        : `${file.name} is not the file that ${name} was written with (its SHA-256 differs). It fits the network and is used all the same.`
      : 'Without its weights it can be inspected, but neither evaluated nor finetuned.',
  );
}

/** Imports in progress: files may be dropped while others are being read. */
const importing = new Set<AbortController>();
/** Files by path, for those that the user still has to assign to training or test. */
const filesByPath = new Map<string, File>();

/** Size from which a file has its own progress bar, in bytes. */
const PROGRESS_SIZE = 1 << 20;

/** Path below the dropped or chosen folder, else the name. The dropzone gives it as `./cifar/data_batch_1.bin`. */
function pathOf(file: File & { relativePath?: unknown }): string {
  const path = file.webkitRelativePath || (typeof file.relativePath === 'string' ? file.relativePath : file.name);
  return path.replace(/^\.?\//, '');
}

/** `batch_2` before `batch_10`: the files of a folder come in no useful order. */
const byNumber = new Intl.Collator('en', { numeric: true });

/** The file that a report is about; members of archives are reported as `archive → member`. */
const outerPath = (reported: string): string => reported.split(' → ')[0];

/**
 * Imports data files. `parts`: training or test, for files that do not say so themselves; `classes`: how many classes of a large data
 * set are kept, null for all.
 */
export async function importData(
  files: File[],
  parts?: Record<string, 'train' | 'test'>,
  classes?: number | null,
): Promise<void> {
  const view = useView.getState();
  if (!view.open.includes('data')) view.setOpen(['data', ...view.open]);
  // On narrow screens the reports are in the drawer.
  if (isNarrow()) view.setDrawer(true);
  const paths = files.map(pathOf);
  const now = new Set(paths);
  files.forEach((file, i) => filesByPath.set(paths[i], file));
  const { patch, reports } = useSession.getState();
  patch({
    reports: reports.filter(({ file }) => !now.has(outerPath(file))),
    files: [
      ...useSession.getState().files,
      ...files.flatMap(({ size }, i) => (size >= PROGRESS_SIZE ? [{ file: paths[i], done: 0, total: size }] : [])),
    ],
  });
  const own = new AbortController();
  importing.add(own);
  let read: FileReport[] = [];
  try {
    const results = await ask({ type: 'data:import', files, paths, parts, classes }, own.signal);
    read = results;
    const known = useSession.getState().reports.filter(({ file }) => !results.some((result) => result.file === file));
    patch({ reports: [...known, ...results.toSorted((a, b) => byNumber.compare(a.file, b.file))] });
  } catch (error) {
    if (!own.signal.aborted) tellError('These files could not be read', error);
  } finally {
    importing.delete(own);
    patch({ files: useSession.getState().files.filter(({ file }) => !now.has(outerPath(file))) });
    // After cancelling too: files that were finished are kept.
    await refreshData();
  }
  trainOnImported(read, useSession.getState().data);
}

export function cancelImport(): void {
  for (const each of importing) each.abort();
}

/** Imports files as training or test data that do not say so themselves. */
export async function importAs(part: 'train' | 'test', names: string[]): Promise<void> {
  const paths = [...new Set(names.map(outerPath))];
  const files = paths.flatMap((path) => filesByPath.get(path) ?? []);
  await importData(files, Object.fromEntries(names.map((name) => [name, part])));
}

/** Imports a large data set with some of its classes; null: all. `name` as reported: an archive or a folder. */
export async function chooseClasses(classes: number | null, name: string): Promise<void> {
  const files = [...filesByPath].flatMap(([path, file]) =>
    path === name || path.startsWith(`${name}/`) ? [file] : [],
  );
  await importData(files, undefined, classes);
}

export async function removeData(name: string, title: string): Promise<void> {
  try {
    await ask({ type: 'data:remove', name });
    await refreshData();
    offerUndo(`Removed ${title}.`, () => {
      void ask({ type: 'data:restore', name }).then(refreshData, (error: unknown) =>
        tellError(`${title} could not be restored`, error),
      );
    });
  } catch (error) {
    tellError(`${title} could not be removed`, error);
  }
}

/** Downloads bytes or text as a file. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 30_000);
}
