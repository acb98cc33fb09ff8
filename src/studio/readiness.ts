/**
 * Whether the experiment on the page can be trained, and in one sentence what Train will do and how long it takes.
 *
 *   seconds ≈ start + images seen × 6 FLOP × MACs / rate      a step is a forward pass and two backward, a MAC is two FLOP
 *
 * The rate is that of the last runs on this device, stored in this browser, else a cautious guess by its kind. The guess also has a
 * cost per step, which dominates in small networks. The start is the time to compile shaders.
 */
import { datasetName, duration } from '../domain/describe.ts';
import { describeMethods } from '../domain/describeMethods.ts';
import { experimentSchema } from '../domain/experiment.ts';
import type { Experiment } from '../domain/experiment.ts';
import { expectedPhases } from '../domain/methods/registry.ts';
import { readableIssue } from '../domain/readable.ts';
import type { DataSummary, DeviceInfo } from '../worker/protocol.ts';
import type { Outlook } from './outlook.ts';
import { outlookOrProblem } from './outlook.ts';
import { useExperiment } from './stores/experiment.ts';
import { useSession } from './stores/session.ts';

const RATES = 'relu-studio/rates';
/** For a software adapter on a few cores and for a modest GPU: FLOP/s, extra seconds per step, seconds until the first step. */
const GUESS = { software: { rate: 4e9, step: 0.2, start: 8 }, real: { rate: 5e11, step: 0.004, start: 2 } };

const rateKey = (device: DeviceInfo) => `${device.vendor}/${device.architecture}/${device.description}`;

function storedRates(): Record<string, number> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(RATES) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0),
    );
  } catch {
    return {};
  }
}

/** Stores the rate of the device: images per second of a network with `macs` MACs per image. */
export function rememberRate(device: DeviceInfo, imagesPerSecond: number, macs: number): void {
  const rate = imagesPerSecond * 6 * macs;
  if (!Number.isFinite(rate) || rate <= 0) return;
  localStorage.setItem(RATES, JSON.stringify({ ...storedRates(), [rateKey(device)]: rate }));
}

/** Training images without those held out for validation. */
export function trainingImages(experiment: Experiment, data: DataSummary[] | null): number {
  const { name, trainImages, validationShare } = experiment.dataset;
  const held = data?.find((set) => set.name === name)?.train.images;
  const all = name === 'synthetic' ? (trainImages ?? 10_000) : Math.min(trainImages ?? Infinity, held ?? 50_000);
  return Math.round(all * (1 - validationShare));
}

/** Epochs over all phases; a phase that may end early counts with its expected length. */
export const plannedEpochs = ({ dense, methods }: Experiment): number =>
  methods.flatMap(expectedPhases).reduce((sum, { epochs }) => sum + epochs, dense.epochs);

/** Expected seconds of the whole run on this device. */
export function expectedSeconds(
  experiment: Experiment,
  macs: number,
  device: DeviceInfo,
  data: DataSummary[] | null,
): number {
  const guess = device.software ? GUESS.software : GUESS.real;
  const seen = plannedEpochs(experiment) * trainingImages(experiment, data);
  const known = storedRates()[rateKey(device)];
  if (known !== undefined) return guess.start + (seen * 6 * macs) / known;
  return guess.start + (seen * 6 * macs) / guess.rate + (seen / experiment.dense.batch) * guess.step;
}

export interface Readiness {
  /** Why the experiment cannot be trained, or null. */
  problem: string | null;
  /** What Train will do. */
  sentence: string;
}

export function readinessOf(
  experiment: Experiment,
  outlook: Outlook | { problem: string },
  device: DeviceInfo | null,
  data: DataSummary[] | null,
): Readiness {
  const checked = experimentSchema.safeParse(experiment);
  const set = datasetName(experiment.dataset.name);
  const held = data?.find(({ name }) => name === experiment.dataset.name);
  const problem = !checked.success
    ? readableIssue(checked.error, 'the experiment')
    : 'problem' in outlook
      ? outlook.problem
      : experiment.dataset.name !== 'synthetic' && data && !held
        ? `Drop the files of ${set} on the page first, or choose the built-in data.`
        : held && held.train.images === 0
          ? `${set} has no training images yet: drop its training files too.`
          : device && !device.available
            ? (device.reason ?? 'No GPU is available.')
            : null;
  if ('problem' in outlook) return { problem, sentence: outlook.problem };
  const what =
    experiment.methods.length === 0
      ? 'Trains a dense network'
      : `Trains ${experiment.dense.epochs > 0 ? 'a dense network, then ' : ''}${describeMethods(experiment)}`;
  const time = device?.available
    ? `; about ${duration(expectedSeconds(experiment, outlook.dense.total.macs, device, data))} on this ${device.software ? 'software adapter' : 'GPU'}`
    : '';
  return { problem, sentence: `${what}, on ${set}${time}.` };
}

type Inputs = [Experiment, DeviceInfo | null, DataSummary[] | null];
let last: { inputs: Inputs; readiness: Readiness } | null = null;

/** The readiness of the experiment on the page. Several components ask at every redraw: the last result is cached. */
export function readinessNow(): Readiness {
  const { experiment } = useExperiment.getState();
  const { device, data } = useSession.getState();
  const inputs: Inputs = [experiment, device, data];
  if (last && inputs.every((value, i) => value === last?.inputs[i])) return last.readiness;
  const readiness = readinessOf(experiment, outlookOrProblem(experiment), device, data);
  last = { inputs, readiness };
  return readiness;
}

/** One field: a component that shows only this field is redrawn only when it changes. */
function useField<K extends keyof Readiness>(key: K): Readiness[K] {
  useSession((s) => s.device);
  useSession((s) => s.data);
  return useExperiment(() => readinessNow()[key]);
}

/** Why the experiment on the page cannot be trained, or null. */
export const useProblem = () => useField('problem');
/** What Train will do. */
export const useSentence = () => useField('sentence');
