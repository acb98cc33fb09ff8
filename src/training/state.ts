/**
 * The whole state of a run. With it and the data, what comes after is bit for bit what would have come without the interruption:
 * weights, optimizer and gates travel beside it as tensors, every random draw follows from the seed and the position.
 */
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { Evaluation, StepMetrics, TensorMap } from '../engine/api.ts';
import { initialWeights } from '../engine/initial.ts';
import type { EpochRecord, PhaseInfo, RunEvent, RunResult, StepRecord } from './events.ts';
import type { Memory } from './methods/rule.ts';
import { seedFor } from './seeds.ts';

export type SwitchRecord = Omit<Extract<RunEvent, { type: 'switch' }>, 'type'>;

/** Everything the run told about itself, in the order in which it came. */
export interface History {
  phases: PhaseInfo[];
  steps: StepRecord[];
  epochs: EpochRecord[];
  switches: SwitchRecord[];
  warnings: string[];
}

/** Sums over the steps of an epoch so far (means times steps). */
export interface Sums {
  steps: number;
  images: number;
  loss: number;
  crossEntropy: number;
  distillation: number;
  penalty: number;
  right: number;
}

export const NO_SUMS: Sums = { steps: 0, images: 0, loss: 0, crossEntropy: 0, distillation: 0, penalty: 0, right: 0 };

export function addMetrics(sums: Sums, metrics: StepMetrics): Sums {
  const { steps, images } = metrics;
  return {
    steps: sums.steps + steps,
    images: sums.images + images,
    loss: sums.loss + metrics.loss * steps,
    crossEntropy: sums.crossEntropy + metrics.crossEntropy * steps,
    distillation: sums.distillation + metrics.distillation * steps,
    penalty: sums.penalty + metrics.penalty * steps,
    right: sums.right + Math.round(metrics.accuracy * images),
  };
}

/** Best epoch of the phase so far, by whichever split selects. */
export interface Best {
  epoch: number;
  validation: Evaluation | null;
  test: Evaluation | null;
}

/** What the last finished phase left. */
export interface Kept {
  selected: RunResult['selected'];
  validation: Evaluation | null;
  test: Evaluation | null;
}

export interface RunState {
  experiment: Experiment;
  /** Index into the planned phases; their number when all is done. */
  phase: number;
  /** The phase has begun: its gates, weights and memory are in place. */
  begun: boolean;
  epoch: number;
  stepInEpoch: number;
  /** Steps over all phases. */
  step: number;
  /** Step at which the phase's check last ran; a resumed run does not check twice. */
  checkedAt: number;
  /** The phase's check has ended it. */
  finished: boolean;
  memory: Memory;
  gates: GateMap;
  /** Gates of the teacher, where there is one. */
  teacherGates: GateMap | null;
  /** Something was trained or loaded: the weights are more than a random draw. */
  trained: boolean;
  /** The run was started from a network that had gates of its own. */
  startedWithGates: boolean;
  sums: Sums;
  best: Best | null;
  kept: Kept | null;
  denseTestAccuracy: number | null;
  /** Seconds of training and evaluation, over all sittings; and of the epoch in hand. */
  seconds: number;
  epochSeconds: number;
  history: History;
}

/** Tensors that belong to the state. */
export interface RunTensors {
  weights: TensorMap;
  optimizer: TensorMap | null;
  /** Weights of the best epoch so far. */
  best: TensorMap | null;
  teacher: TensorMap | null;
}

/** A network to start from: a finished run, or masks.json and its weights. */
export interface WarmStart {
  gates: GateMap;
  /** Gate parameters included. */
  weights: TensorMap;
  denseTestAccuracy: number | null;
}

export interface Checkpoint {
  state: RunState;
  tensors: RunTensors;
}

/** Step records kept for the charts: beyond twice as many, every other one is dropped. */
const STEP_RECORDS = 1000;

export function rememberStep(history: History, record: StepRecord): void {
  history.steps.push(record);
  if (history.steps.length >= 2 * STEP_RECORDS) history.steps = history.steps.filter((_, i) => i % 2 === 1);
}

/** The state before the first step. */
export function freshState(experiment: Experiment, start: WarmStart | null): RunState {
  return {
    experiment,
    phase: 0,
    begun: false,
    epoch: 0,
    stepInEpoch: 0,
    step: 0,
    checkedAt: -1,
    finished: false,
    memory: {},
    gates: start?.gates ?? {},
    teacherGates: null,
    trained: start !== null,
    startedWithGates: start !== null && Object.values(start.gates).some((gate) => gate.kind !== 'relu'),
    sums: NO_SUMS,
    best: null,
    kept: null,
    denseTestAccuracy: start?.denseTestAccuracy ?? null,
    seconds: 0,
    epochSeconds: 0,
    history: { phases: [], steps: [], epochs: [], switches: [], warnings: [] },
  };
}

/** A random draw by the experiment's seed, or the start's weights. */
export const freshTensors = (experiment: Experiment, start: WarmStart | null): RunTensors => ({
  weights: start?.weights ?? initialWeights(experiment.network, seedFor(experiment.seed, 'weights')),
  optimizer: null,
  best: null,
  teacher: null,
});
