/** Requests about the masks of a finished or imported run: export, import, inspection, evaluation, gate analysis. */
import { experimentSchema } from '../domain/experiment.ts';
import type { Experiment } from '../domain/experiment.ts';
import { MasksFileError, masksText, parseMasks } from '../domain/masksFile.ts';
import type { MasksFile, ReadMasks } from '../domain/masksFile.ts';
import { presetOf } from '../domain/presets.ts';
import { readableIssue } from '../domain/readable.ts';
import type { Engine, Evaluation } from '../engine/api.ts';
import { importMasks } from '../training/importMasks.ts';
import type { TrainingData } from '../training/trainingData.ts';
import { analyseGates } from './analyseGates.ts';
import { inspectMasks } from './inspectMasks.ts';
import { makeEngine } from './gpu.ts';
import type { ExportedMasks, GateAnalysis, MaskInspection, RequestOf, RunSummary } from './protocol.ts';
import { StorageError } from './runStore.ts';
import type { RunStore } from './runStore.ts';

/** Images per forward pass. */
const BATCH = 100;

const NO_WEIGHTS = 'This run was imported without its weights: import masks.json and model.safetensors together.';

export interface MaskHost {
  store: RunStore;
  data(experiment: Experiment): Promise<TrainingData>;
}

/** @param weightsFile the name under which masks.json refers to the weights; absent: the one that it has */
export async function exportedMasks({ store }: MaskHost, run: string, weightsFile?: string): Promise<ExportedMasks> {
  const { masks, weights } = await store.result(run);
  if (!weights) throw new StorageError(NO_WEIGHTS);
  if (weightsFile === undefined) return { masks, weights };
  const file = JSON.parse(masks) as MasksFile;
  return { masks: masksText({ ...file, weights: { ...file.weights, file: weightsFile } }), weights };
}

/** The experiment in the file where this program wrote it, else one with its network and data set. */
function experimentOf(masks: ReadMasks, name: string): Experiment {
  const stored = experimentSchema.safeParse(masks.about.method.experiment);
  if (stored.success && JSON.stringify(stored.data.network) === JSON.stringify(masks.network)) return stored.data;
  const base = presetOf('dense-quick');
  const dataset = experimentSchema.shape.dataset.safeParse({ name: masks.about.dataset.name });
  return { ...base, name, network: masks.network, dataset: dataset.success ? dataset.data : base.dataset };
}

/** Validates both files before anything is stored. @throws MasksFileError naming the site, WeightsError naming the tensor. */
export async function importedMasks(
  { store }: MaskHost,
  request: RequestOf<'masks:import'>,
): Promise<{ run: string; sameWeights: boolean | null }> {
  const weights = request.weights ? new Uint8Array(request.weights) : null;
  const imported = weights && (await importMasks(request.masks, weights));
  const read = imported ? imported.masks : parseMasks(request.masks);
  const experiment = experimentOf(read, request.fileName.replace(/\.json$/i, ''));
  // A run is read back by this schema: one that it refuses would be lost.
  const valid = experimentSchema.safeParse(experiment);
  if (!valid.success) throw new MasksFileError(null, `These masks fit no experiment: ${readableIssue(valid.error)}`);
  const now = new Date().toISOString();
  const summary: RunSummary = {
    id: `${Date.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`,
    name: `${experiment.name} (imported)`,
    createdAt: now,
    finishedAt: now,
    status: 'done',
    experiment,
    drelus: read.counts.total.drelus,
    multiplications: read.counts.total.multiplications,
    testAccuracy: read.accuracy.test,
    validationAccuracy: read.accuracy.validation,
    seconds: 0,
    checkpointStep: null,
  };
  await store.saveResult(summary.id, { masks: request.masks, weights });
  await store.save(summary);
  return { run: summary.id, sameWeights: imported && imported.sameWeights };
}

export async function inspectedMasks({ store }: MaskHost, run: string): Promise<MaskInspection> {
  const { masks } = await store.result(run);
  return inspectMasks(run, parseMasks(masks));
}

/** Runs `work` with an engine that has the run's network, gates, weights and data. */
async function withNetwork<T>(
  host: MaskHost,
  run: string,
  work: (engine: Engine, data: TrainingData) => Promise<T>,
): Promise<T> {
  const { masks, weights } = await host.store.result(run);
  if (!weights) throw new StorageError(NO_WEIGHTS);
  const { experiment } = await host.store.get(run);
  const network = await importMasks(masks, weights);
  const data = await host.data(experiment);
  const engine = await makeEngine({
    network: network.masks.network,
    gates: network.gates,
    batch: BATCH,
    f16: experiment.engine.f16,
  });
  try {
    // Normalised as the network was trained, which imported weights may say otherwise than the data set.
    const { mean, std } = network.masks.about.dataset;
    engine.setData({ ...data.images, mean, std });
    engine.setWeights(network.weights);
    return await work(engine, data);
  } finally {
    engine.dispose();
  }
}

export const evaluatedMasks = (
  host: MaskHost,
  { run, part }: RequestOf<'masks:evaluate'>,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Evaluation> =>
  withNetwork(host, run, (engine, data) => {
    const indices = part === 'test' ? data.test : data.validation;
    if (indices.length === 0)
      throw new StorageError(`The data set has no ${part === 'test' ? 'test images' : 'validation split'}.`);
    return engine.evaluate(indices, { onProgress, signal });
  });

export const analysedGates = (
  host: MaskHost,
  { run, images, seed, measure }: RequestOf<'gates:analyse'>,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<GateAnalysis> =>
  withNetwork(host, run, (engine, data) => {
    const from = data.validation.length >= 2 ? data.validation : data.train;
    return analyseGates(engine, run, { indices: from.slice(0, images), seed, measure, onProgress, signal });
  });
