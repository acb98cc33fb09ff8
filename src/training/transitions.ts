/**
 * Every change of a run's state, as a function from the old value to the new one. Nothing here reads a clock, an engine or a
 * file, and no argument is modified: the trainer reads what it needs and applies a transition.
 *
 *   phaseBegun → (stepTaken → stretchAdded → masksChecked)* → epochRecorded → epochEnded → … → phaseConcluded → phaseEnded
 *
 * Transitions of `RunState` change plain values. Those of `Checkpoint` change tensors too.
 */
import type { StepMetrics, TensorMap } from '../engine/api.ts';
import type { EpochRecord, PhaseInfo, StepRecord } from './events.ts';
import type { PhaseStart } from './methods/rule.ts';
import type { Best, Checkpoint, History, Kept, RunState, SwitchRecord } from './state.ts';
import { addMetrics, NO_SUMS } from './sums.ts';

/** Step records kept for the charts: at twice as many, every other one is dropped. */
const STEP_RECORDS = 1000;

const withHistory = (state: RunState, change: Partial<History>): RunState => ({
  ...state,
  history: { ...state.history, ...change },
});

/** The phases that the run will go through. */
export const planned = (state: RunState, phases: PhaseInfo[]): RunState => withHistory(state, { phases });

export const warned = (state: RunState, message: string): RunState =>
  withHistory(state, { warnings: [...state.history.warnings, message] });

/** The data and the device of this session. */
export const provenanceRecorded = (state: RunState, record: Partial<Pick<RunState, 'data' | 'device'>>): RunState => ({
  ...state,
  ...record,
});

/** A gate changed for good at the start of a phase. */
export const switchRecorded = (state: RunState, record: SwitchRecord): RunState =>
  withHistory(state, { switches: [...state.history.switches, record] });

export function stepRecorded(state: RunState, record: StepRecord): RunState {
  const steps = [...state.history.steps, record];
  return withHistory(state, { steps: steps.length >= 2 * STEP_RECORDS ? steps.filter((_, i) => i % 2 === 1) : steps });
}

/** The weights as they are become the teacher of all later phases that distil. */
export const teacherTaken = ({ state, tensors }: Checkpoint): Checkpoint => ({
  state: { ...state, teacherGates: state.gates },
  tensors: { ...tensors, teacher: tensors.weights },
});

/** The phase's gates, weights and memory are in place; its first step comes next. */
export function phaseBegun({ state, tensors }: Checkpoint, start: PhaseStart): Checkpoint {
  const { gates, memory, weights, finished = false } = start;
  return {
    state: {
      ...state,
      gates,
      memory,
      finished,
      begun: true,
      epoch: 0,
      stepInEpoch: 0,
      checkedAt: -1,
      epochSeconds: 0,
      sums: NO_SUMS,
      best: null,
    },
    tensors: { ...tensors, weights, optimizer: null, best: null },
  };
}

/** One training step has been enqueued. */
export const stepTaken = (state: RunState): RunState => ({
  ...state,
  stepInEpoch: state.stepInEpoch + 1,
  step: state.step + 1,
});

/** The sums of some steps have been read. */
export const stretchAdded = (state: RunState, metrics: StepMetrics): RunState => ({
  ...state,
  sums: addMetrics(state.sums, metrics),
});

/** The phase's check has run after the current step. */
export const masksChecked = (
  state: RunState,
  { memory, finished }: Pick<RunState, 'memory' | 'finished'>,
): RunState => ({
  ...state,
  memory,
  finished,
  checkedAt: state.step,
});

/** Weights and optimizer state have been read from the engine, `epochSeconds` into the epoch. */
export const snapshotTaken = (
  { state, tensors }: Checkpoint,
  { weights, optimizer, epochSeconds }: { weights: TensorMap; optimizer: TensorMap; epochSeconds: number },
): Checkpoint => ({ state: { ...state, epochSeconds }, tensors: { ...tensors, weights, optimizer } });

/** The epoch just measured is the best of its phase so far. */
export const bestRemembered = ({ state, tensors }: Checkpoint, best: Best): Checkpoint => ({
  state: { ...state, best },
  tensors: { ...tensors, best: tensors.weights },
});

/** An epoch was evaluated and recorded. From here on the weights count as trained. */
export const epochRecorded = (state: RunState, record: EpochRecord): RunState => ({
  ...withHistory(state, { epochs: [...state.history.epochs, record] }),
  trained: true,
});

/** On to the next epoch. @param seconds what the epoch took */
export const epochEnded = (state: RunState, seconds: number): RunState => ({
  ...state,
  seconds: state.seconds + seconds,
  epoch: state.epoch + 1,
  stepInEpoch: 0,
  epochSeconds: 0,
  sums: NO_SUMS,
});

/** The phase keeps these weights. */
export const phaseConcluded = ({ state, tensors }: Checkpoint, kept: Kept, weights: TensorMap): Checkpoint => ({
  state: { ...state, kept },
  tensors: { ...tensors, weights },
});

/**
 * Training before any method is over: its network is the teacher from here on.
 * @param isDense whether its gates are plain ReLUs, so that its test accuracy is the one to compare with
 */
export function denseConcluded(run: Checkpoint, isDense: boolean): Checkpoint {
  const { state, tensors } = teacherTaken(run);
  if (!isDense) return { state, tensors };
  return { state: { ...state, denseTestAccuracy: state.kept?.test?.accuracy ?? null }, tensors };
}

/** On to the next phase. Optimizer state and best epoch are the phase's own and are dropped. */
export const phaseEnded = ({ state, tensors }: Checkpoint): Checkpoint => ({
  state: {
    ...state,
    phase: state.phase + 1,
    begun: false,
    epoch: 0,
    stepInEpoch: 0,
    finished: false,
    memory: {},
    best: null,
    sums: NO_SUMS,
  },
  tensors: { ...tensors, optimizer: null, best: null },
});

/** True while the phase has an epoch to begin or to complete; one that its check has ended still completes the current epoch. */
export const phaseGoesOn = ({ epoch, stepInEpoch, finished }: RunState, epochs: number): boolean =>
  epoch < epochs && !(finished && stepInEpoch === 0);
