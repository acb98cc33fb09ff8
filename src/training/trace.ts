/**
 * The trace of a run: each decision of the trainer and each loss of the engine, for independent replays (design: formats, "The
 * trace of a run"). This file defines its lines; the command line writes them to files.
 *
 * - `phase` and `epoch` count from 0, as in metrics.jsonl. `step` counts the steps of the whole run: 1 is the first, and a check
 *   or the end of a phase at `step` n comes after step n.
 * - `images` are indices into the training part in file order (validation images are among them and never used in a step).
 * - `crops` has [dy, dx, flipped] per image: output pixel (y, x) shows source pixel (y + dy, x' + dx) with x' = W − 1 − x where
 *   flipped, and raw 0 (black) outside of the picture.
 * - `maskLearningRate` is null where no masks are trained, and `lambda` is then 0.
 * - `selectedEpoch` is null where the phase keeps its last epoch without a selection, and until it has ended.
 */
import { gateOf, type Gate, type GateMap, type SiteIdMap } from '../domain/gateMap.ts';
import { sitesOf, type NetworkSpec } from '../domain/network.ts';
import type { StepMetrics, StepSettings, TensorMap } from '../engine/api.ts';
import { drawCrop } from '../engine/augment.ts';
import type { RunState } from './state.ts';

/** A gate as in masks.json, without bits and affine: these are trained values and stand with the weights. */
export type TracedGate = Gate & { shape: readonly number[] };

export interface TracedPhase {
  phase: number;
  id: string;
  gates: SiteIdMap<TracedGate>;
  /** null where the phase does not distil. */
  teacherGates: SiteIdMap<TracedGate> | null;
  epochs: number;
  stepsPerEpoch: number;
}

export interface TracedPhaseEnd {
  selectedEpoch: number | null;
  endedAtStep: number;
}

/** A step before it was run. */
export interface StepDecision {
  phase: number;
  epoch: number;
  step: number;
  images: number[];
  crops: [dy: number, dx: number, flipped: boolean][] | null;
  learningRate: number;
  maskLearningRate: number | null;
  lambda: number;
  soft: StepSettings['soft'];
  distils: boolean;
}

export type TracedStep = StepDecision & Pick<StepMetrics, 'loss' | 'crossEntropy' | 'distillation' | 'penalty'>;

/** A count of masks. */
export interface TracedCheck {
  phase: number;
  epoch: number;
  step: number;
  /** DReLUs with α > ε. */
  count: number;
  lambdaAfter: number;
  finished: boolean;
}

export interface TraceWriter {
  /** @param weights all trained values, gate parameters included @param teacher null where the phase does not distil */
  phaseBegun(phase: TracedPhase, weights: TensorMap, teacher: TensorMap | null): Promise<void>;
  step(line: TracedStep): void;
  check(line: TracedCheck): void;
  phaseEnded(phase: number, end: TracedPhaseEnd): Promise<void>;
  /** Resolves once everything so far is written. Called before each checkpoint. */
  flush(): Promise<void>;
}

/** Every gate site of the network, plain ReLUs included. */
export const tracedGates = (network: NetworkSpec, gates: GateMap): SiteIdMap<TracedGate> =>
  Object.fromEntries(sitesOf(network).map(({ id, shape }) => [id, { shape, ...gateOf(gates, id) }]));

/**
 * What a step is about to do.
 * @param order the epoch's order @param at position of the step's first image in it
 */
export function stepDecision(
  { phase, epoch, step }: Pick<RunState, 'phase' | 'epoch' | 'step'>,
  settings: StepSettings,
  order: Uint32Array,
  at: number,
  batch: number,
): StepDecision {
  const { augment, learningRate, maskLearningRate, lambda, trainMasks, soft, distillation } = settings;
  return {
    phase,
    epoch,
    step: step + 1,
    images: [...order.subarray(at, at + batch)],
    crops: augment
      ? Array.from({ length: batch }, (_, i) => {
          const { dy, dx, flip } = drawCrop(augment.seed, at + i, augment);
          return [dy, dx, flip];
        })
      : null,
    learningRate,
    maskLearningRate: trainMasks ? (maskLearningRate ?? learningRate) : null,
    lambda,
    soft,
    distils: distillation !== null,
  };
}

export const tracedStep = (decision: StepDecision, metrics: StepMetrics): TracedStep => {
  const { loss, crossEntropy, distillation, penalty } = metrics;
  return { ...decision, loss, crossEntropy, distillation, penalty };
};

/** Which lines of an interrupted run's trace stay when it resumes from this state; the others will be written again. */
export const traceLinesUpTo = (state: RunState) => ({
  step: ({ step }: Pick<TracedStep, 'step'>): boolean => step <= state.step,
  check: ({ phase, step }: Pick<TracedCheck, 'phase' | 'step'>): boolean =>
    phase < state.phase || (state.begun && phase === state.phase && step <= state.checkedAt),
  phase: ({ phase }: Pick<TracedPhase, 'phase'>): 'whole' | 'begun' | 'none' => {
    if (phase < state.phase) return 'whole';
    return state.begun && phase === state.phase ? 'begun' : 'none';
  },
});
