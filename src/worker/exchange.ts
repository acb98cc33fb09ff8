/**
 * Runs in and out of the studio besides masks.json: exports for other programs, runs as one zip file, and trained weights of other
 * programs. What writes and reads them is loaded when it is first asked for.
 */
import type { ExportFormat } from '../domain/exportFormats.ts';
import { parseMasks } from '../domain/masksFile.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { WeightsError } from '../engine/weights.ts';
import type { ArchivedRun } from '../training/exports/runArchive.ts';
import { importMasks } from '../training/importMasks.ts';
import type { RequestOf, RunHistory, RunSummary, WeightsExamined } from './protocol.ts';
import { StorageError } from './runStore.ts';
import type { RunStore } from './runStore.ts';

const newId = (): string => `${Date.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`;

/** Networks compare by what is computed: a file may leave out what has a default. */
const networkText = ({ family, blocks, widths, stemGate, finalGate, inputShape, classes }: NetworkSpec): string =>
  JSON.stringify([
    family,
    blocks,
    widths,
    stemGate,
    family === 'wide-resnet' && finalGate !== false,
    inputShape,
    classes,
  ]);

/** A finished run with all that its archive holds. @throws StorageError where it was imported without weights */
async function archived(store: RunStore, run: string): Promise<ArchivedRun> {
  const [{ masks, weights }, summary, history] = await Promise.all([
    store.result(run),
    store.get(run),
    store.history(run),
  ]);
  if (!weights)
    throw new StorageError(
      'This run was imported without its weights: import masks.json and model.safetensors together.',
    );
  const { name, createdAt, finishedAt, seconds, experiment } = summary;
  return { name, createdAt, finishedAt, seconds, masks, weights, experiment, history };
}

export async function exportedRun(store: RunStore, run: string, format: ExportFormat['name']): Promise<Uint8Array> {
  const { exportRun } = await import('../training/exports/exportRun.ts');
  return exportRun(await archived(store, run), format);
}

/** Keeps a finished run whose files have been checked. */
async function keep(
  store: RunStore,
  run: Pick<ArchivedRun, 'name' | 'createdAt' | 'finishedAt' | 'seconds' | 'masks' | 'experiment'>,
  weights: Uint8Array<ArrayBuffer>,
  history: RunHistory | null,
): Promise<{ run: string }> {
  const { counts, accuracy } = parseMasks(run.masks);
  const { name, createdAt, finishedAt, seconds, experiment } = run;
  const summary: RunSummary = {
    id: newId(),
    name,
    createdAt,
    finishedAt,
    status: 'done',
    experiment,
    drelus: counts.total.drelus,
    multiplications: counts.total.multiplications,
    testAccuracy: accuracy.test,
    validationAccuracy: accuracy.validation,
    seconds,
    checkpointStep: null,
  };
  await store.saveResult(summary.id, { masks: run.masks, weights });
  if (history) await store.saveHistory(summary.id, history);
  await store.save(summary);
  return { run: summary.id };
}

/** @throws DataError naming the file, MasksFileError naming the site, WeightsError naming the tensor; nothing is kept then */
export async function importedArchive(store: RunStore, file: File): Promise<{ run: string }> {
  const { readRunArchive } = await import('../training/exports/runArchive.ts');
  const run = await readRunArchive(new Uint8Array(await file.arrayBuffer()), file.name);
  const weights = new Uint8Array(run.weights);
  const { masks, sameWeights } = await importMasks(run.masks, weights);
  if (!sameWeights) throw new WeightsError(`${file.name}: its weights are not those that its masks.json names.`);
  if (networkText(masks.network) !== networkText(run.experiment.network))
    throw new WeightsError(`${file.name}: its experiment is of another network than its masks.`);
  return keep(store, run, weights, run.history);
}

/** What a file of weights is, for the dialog that asks what weights cannot tell. */
export async function examinedWeights(file: File): Promise<WeightsExamined> {
  const { dataSetFor, examineWeights, normalisationOf, readForeignWeights } =
    await import('../training/importWeights.ts');
  const tensors = await readForeignWeights(new Uint8Array(await file.arrayBuffer()), file.name);
  const report = examineWeights(tensors);
  const [channels] = report.network.inputShape;
  const of = (name: 'synthetic' | 'cifar-10' | 'cifar-100' | 'tiny-imagenet') => normalisationOf(name, channels);
  return {
    ...report,
    dataset: dataSetFor(report.network.classes),
    normalisation: {
      synthetic: of('synthetic'),
      'cifar-10': of('cifar-10'),
      'cifar-100': of('cifar-100'),
      'tiny-imagenet': of('tiny-imagenet'),
    },
  };
}

/** @throws WeightsError naming the tensor; nothing is kept then */
export async function importedWeights(
  store: RunStore,
  { file, network, dataset, mean, std }: RequestOf<'weights:import'>,
): Promise<{ run: string; notes: string[] }> {
  const { importWeights, readForeignWeights } = await import('../training/importWeights.ts');
  const tensors = await readForeignWeights(new Uint8Array(await file.arrayBuffer()), file.name);
  const { files, experiment, notes } = await importWeights({ tensors, file: file.name, network, dataset, mean, std });
  const now = new Date().toISOString();
  const run = {
    name: `${experiment.name} (imported)`,
    createdAt: now,
    finishedAt: now,
    seconds: 0,
    masks: files.masks,
    experiment,
  };
  return { ...(await keep(store, run, files.weights, null)), notes };
}
