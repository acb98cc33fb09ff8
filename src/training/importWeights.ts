/**
 * Trained weights of another program (safetensors or a PyTorch checkpoint) → the two files of a finished run.
 *
 * The network is recognised from the shapes, or given by a masks.json. SNL's mask parameters become mask gates: a neuron keeps its
 * ReLU where α > ε = 0.01, SNL's own rule, which is exact for the 0 and 1 of a finished run.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { NORMALISATION } from '../data/formats.ts';
import { isTorchCheckpoint, readTorchCheckpoint } from '../data/torchCheckpoint.ts';
import { experimentSchema, type Experiment } from '../domain/experiment.ts';
import type { GateMap, SiteIdMap } from '../domain/gateMap.ts';
import { sha256Hex } from '../domain/hash.ts';
import { encodeMasks, masksText, parseMasks, type MasksContent, type TrainedGate } from '../domain/masksFile.ts';
import { parametersOf, sitesOf, type NetworkSpec } from '../domain/network.ts';
import { presetOf } from '../domain/presets.ts';
import { readableIssue } from '../domain/readable.ts';
import {
  differencesOf,
  recogniseNetwork,
  type Difference,
  type RecognisedNetwork,
} from '../domain/recogniseNetwork.ts';
import type { TensorMap } from '../engine/api.ts';
import { canonicalNames, checkWeights, readSafetensors, WeightsError, writeSafetensors } from '../engine/weights.ts';
import { WEIGHTS_FILE, type ExportedFiles } from './exportMasks.ts';

export type DataSetName = Experiment['dataset']['name'];

/** SNL's ε: α above it keeps the ReLU. */
const EPSILON = 1e-2;
/** What the file has and the network has not, but which belongs to a network's structure: it cannot be left out. */
const STRUCTURAL = /^(layer\d|conv\d|bn\d|fc)/;

/** Which data set has so many classes; CIFAR-10 where none has. */
export const dataSetFor = (classes: number): DataSetName =>
  classes === 100 ? 'cifar-100' : classes === 200 ? 'tiny-imagenet' : 'cifar-10';

/** Mean and deviation of a set's pixels, per channel, of the network's number of channels. */
export function normalisationOf(name: DataSetName, channels: number): { mean: number[]; std: number[] } {
  const { mean, std } = NORMALISATION[name === 'synthetic' ? 'cifar-10' : name];
  return channels === mean.length
    ? { mean: [...mean], std: [...std] }
    : { mean: Array.from({ length: channels }, () => 0.5), std: Array.from({ length: channels }, () => 0.25) };
}

/**
 * Tensors under the studio's names, whatever the file's format.
 * @throws DataError or WeightsError with one sentence
 */
export async function readForeignWeights(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<TensorMap> {
  if (isTorchCheckpoint(bytes)) return canonicalNames((await readTorchCheckpoint(bytes, file)).tensors);
  return canonicalNames(readSafetensors(bytes).tensors);
}

export interface WeightsReport extends RecognisedNetwork {
  /** Empty: every parameter is there in its shape. */
  differences: Difference[];
  /** True: the differences do not let the weights be used. */
  refused: boolean;
}

/**
 * What a file's weights are.
 * @param network given where a masks.json names it
 * @throws UnknownNetworkError where they are of no CIFAR ResNet
 */
export function examineWeights(tensors: TensorMap, network?: NetworkSpec): WeightsReport {
  const recognised = network ? { network, masked: [], assumptions: [] } : recogniseNetwork(tensors);
  const differences = differencesOf(tensors, recognised.network);
  const refused = differences.some(({ name, expected }) => expected !== null || STRUCTURAL.test(name));
  return { ...recognised, differences, refused };
}

/** One line a difference, for messages and tables. */
export const differenceText = ({ name, expected, found }: Difference): string => {
  const shape = (value: number[] | null) => (value ? `[${value.join(', ')}]` : 'none');
  return `${name}: expected ${shape(expected)}, found ${shape(found)}`;
};

/** Mask gates from α parameters. */
function gatesFromAlpha(tensors: TensorMap, network: NetworkSpec) {
  const gates: GateMap = {};
  const trained: SiteIdMap<TrainedGate> = {};
  let soft = 0;
  for (const { id, shape } of sitesOf(network)) {
    const shared = ['scale', 'shift'].find((name) => tensors.has(`${id}.${name}`));
    if (shared)
      throw new WeightsError(
        `"${id}.${shared}" belongs to a shared gate, and which channels share is not in the weights: import them together with their masks.json.`,
      );
    const alpha = tensors.get(`${id}.alpha`);
    if (!alpha) continue;
    const [channels, height, width] = shape;
    const perChannel = alpha.shape.join() === [channels, 1, 1].join() && height * width > 1;
    if (!perChannel && alpha.shape.join() !== shape.join())
      throw new WeightsError(
        `"${id}.alpha" has shape [${alpha.shape.join(', ')}], the network has [${shape.join(', ')}] there.`,
      );
    if (!alpha.data.every(Number.isFinite)) throw new WeightsError(`"${id}.alpha" holds numbers that are not finite.`);
    soft += alpha.data.reduce((sum, value) => sum + (value === 0 || value === 1 ? 0 : 1), 0);
    gates[id] = { kind: 'mask', granularity: perChannel ? 'channel' : 'pixel' };
    trained[id] = { kept: Uint8Array.from(alpha.data, (value) => (value > EPSILON ? 1 : 0)) };
  }
  return { gates, trained, soft };
}

export interface WeightsImport {
  tensors: TensorMap;
  /** Name of the file, for the record. */
  file: string;
  network: NetworkSpec;
  dataset: DataSetName;
  mean: number[];
  std: number[];
  /** A masks.json: its gates, and its record of the run, stay. */
  masks?: string;
}

export interface ImportedWeights {
  files: ExportedFiles;
  experiment: Experiment;
  /** What was done to the weights that changes what they compute. */
  notes: string[];
}

/** An experiment with this network and data, to evaluate and to train on from. @throws WeightsError where no data set fits */
export function experimentFor(network: NetworkSpec, dataset: DataSetName, name: string): Experiment {
  const base = presetOf('dense-quick');
  const parsed = experimentSchema.safeParse({
    ...base,
    name: name.slice(0, 120) || 'imported',
    network,
    dataset: { name: dataset, validationShare: base.dataset.validationShare },
  });
  if (parsed.success) return parsed.data;
  throw new WeightsError(`This network cannot be used here: ${readableIssue(parsed.error, 'experiment')}`);
}

const stemOf = (file: string): string =>
  file
    .replace(/^.*[/\\]/, '')
    .replace(/\.(tar|pth|pt|t7|bin|ckpt|safetensors)/gi, '')
    .trim();

/**
 * The files of a run with these weights.
 * @throws WeightsError naming the tensor, MasksFileError naming the site
 */
export async function importWeights(request: WeightsImport): Promise<ImportedWeights> {
  const { tensors, file, network, dataset } = request;
  const { differences, refused } = examineWeights(tensors, network);
  if (refused) {
    const wrong = differences.map(differenceText);
    throw new WeightsError(
      `The weights do not fit the network: ${wrong.slice(0, 3).join('; ')}${wrong.length > 3 ? `; and ${wrong.length - 3} more` : ''}.`,
    );
  }
  checkWeights(tensors, network);
  const model: TensorMap = new Map(parametersOf(network).map(({ name }) => [name, tensors.get(name)!]));
  const weights = writeSafetensors(model, { format: 'pt', generator: `relu-studio ${packageJson.version}` });
  const named = { file: WEIGHTS_FILE, sha256: await sha256Hex(weights) };
  const experiment = experimentFor(network, dataset, stemOf(file));
  if (request.masks !== undefined) {
    const { about, accuracy, gates, trained } = parseMasks(request.masks);
    const content = { about: { ...about, weights: named }, accuracy, network, gates, trained };
    return { files: { masks: masksText(encodeMasks(content)), weights }, experiment, notes: [] };
  }
  const { gates, trained, soft } = gatesFromAlpha(tensors, network);
  const content: MasksContent = {
    about: {
      generator: { name: 'relu-studio', version: packageJson.version },
      createdAt: new Date().toISOString(),
      dataset: {
        name: dataset,
        trainImages: 0,
        validationImages: 0,
        testImages: 0,
        mean: request.mean,
        std: request.std,
      },
      method: { name: 'imported', file: file.replace(/^.*[/\\]/, ''), experiment },
      weights: named,
    },
    accuracy: { test: null, validation: null, denseTest: null },
    network,
    gates,
    trained,
  };
  const notes =
    soft > 0
      ? [
          `${soft.toLocaleString('en')} mask values were neither 0 nor 1: a neuron keeps its ReLU where its value is above 0.01, as SNL binarises.`,
        ]
      : [];
  return { files: { masks: masksText(encodeMasks(content)), weights }, experiment, notes };
}
