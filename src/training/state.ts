/**
 * The state of a run, as a value: it is never modified, transitions.ts makes the next one from it. Together with the tensors and
 * the data it determines the rest of the run bit for bit, because every random draw follows from the seed and the position.
 */
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { Evaluation, TensorMap } from '../engine/api.ts';
import { initialWeights } from '../engine/initial.ts';
import type { EpochRecord, PhaseInfo, RunEvent, RunResult, StepRecord } from './events.ts';
import type { Memory } from './methods/rule.ts';
import type { DataRecord, DeviceRecord } from './provenance.ts';
import { seedFor } from './seeds.ts';
import { NO_SUMS, type Sums } from './sums.ts';

export type SwitchRecord = Omit<Extract<RunEvent, { type: 'switch' }>, 'type'>;

/** Records that the run has emitted, in order; step records are thinned out. */
export interface History {
  phases: PhaseInfo[];
  steps: StepRecord[];
  epochs: EpochRecord[];
  switches: SwitchRecord[];
  warnings: string[];
}

/** Best epoch of the phase so far, by the split that selects. */
export interface Best {
  readonly epoch: number;
  readonly validation: Evaluation | null;
  readonly test: Evaluation | null;
}

/** The epoch kept by the last finished phase, and its accuracies. */
export interface Kept {
  readonly selected: RunResult['selected'];
  readonly validation: Evaluation | null;
  readonly test: Evaluation | null;
}

export interface RunState {
  readonly experiment: Experiment;
  /** Index into the planned phases; their number when all is done. */
  readonly phase: number;
  /** True once the phase's gates, weights and memory are in place. */
  readonly begun: boolean;
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Steps over all phases. */
  readonly step: number;
  /** Step at which the phase's check last ran, so that a resumed run does not repeat it. -1: not yet in this phase. */
  readonly checkedAt: number;
  /** True once the phase has ended before its planned epochs: by its check, or because it had nothing to do. */
  readonly finished: boolean;
  readonly memory: Memory;
  readonly gates: GateMap;
  /** Gates of the teacher, where there is one. */
  readonly teacherGates: GateMap | null;
  /** True once weights were trained or loaded; false while they are the random initialisation. */
  readonly trained: boolean;
  /** The run was started from a network whose gates are not all plain ReLUs. */
  readonly startedWithGates: boolean;
  readonly sums: Sums;
  readonly best: Best | null;
  readonly kept: Kept | null;
  readonly denseTestAccuracy: number | null;
  /** Seconds of training and evaluation in finished epochs, and in the current one. Pauses and interruptions do not count. */
  readonly seconds: number;
  readonly epochSeconds: number;
  readonly history: History;
  /** Data and device that the run was trained with so far; null before its first session, and for runs of older versions. */
  readonly data: DataRecord | null;
  readonly device: DeviceRecord | null;
}

/** Tensors that belong to the state. The maps are not modified once they are here. */
export interface RunTensors {
  readonly weights: TensorMap;
  readonly optimizer: TensorMap | null;
  /** Weights of the best epoch so far. */
  readonly best: TensorMap | null;
  readonly teacher: TensorMap | null;
}

/** A network to start from: a finished run, or masks.json and its weights. */
export interface WarmStart {
  readonly gates: GateMap;
  /** Gate parameters included. */
  readonly weights: TensorMap;
  readonly denseTestAccuracy: number | null;
}

/** A run's complete value: all that a checkpoint holds. */
export interface Checkpoint {
  readonly state: RunState;
  readonly tensors: RunTensors;
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
    data: null,
    device: null,
  };
}

/** Initial weights drawn with the experiment's seed, or those of the start. */
export const freshTensors = (experiment: Experiment, start: WarmStart | null): RunTensors => ({
  weights: start?.weights ?? initialWeights(experiment.network, seedFor(experiment.seed, 'weights')),
  optimizer: null,
  best: null,
  teacher: null,
});
