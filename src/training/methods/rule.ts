/**
 * What a method is to the trainer: a list of phases, each with a rule that says which gates and weights it begins with, which
 * numbers a step takes, whether something is checked on the way and whether the best epoch is kept.
 *
 * Rules keep nothing themselves: what they must remember stands in `Memory`, plain numbers that the checkpoint carries.
 */
import type { Distillation, Experiment, Phase } from '../../domain/experiment.ts';
import type { GateMap, SiteIdMap } from '../../domain/gateMap.ts';
import type { SiteId } from '../../domain/network.ts';
import type { HostTensor, StepSettings, TensorMap } from '../../engine/api.ts';
import type { PhaseInfo } from '../events.ts';

/** What a rule remembers from check to check. */
export type Memory = Record<string, number>;

/** Where in its phase a step is. */
export interface Position {
  epoch: number;
  stepInEpoch: number;
  epochs: number;
  stepsPerEpoch: number;
}

/** Numbers of a step that a method decides; learning rate, optimizer, distillation and augmentation are the phase's. */
export type MethodNumbers = Pick<StepSettings, 'lambda' | 'trainMasks' | 'trainAffine' | 'soft' | 'maskLearningRate'>;

export const PLAIN_NUMBERS: MethodNumbers = { lambda: 0, trainMasks: false, trainAffine: true, soft: null };

export interface BeginContext {
  experiment: Experiment;
  /** As the phase before left them. */
  gates: GateMap;
  weights: TensorMap;
  /** True once anything has been trained (or loaded): there is a network worth asking. */
  trained: boolean;
  /**
   * Pre-activations z of sites on a fixed draw of training images, evaluation mode: (N, C, H, W) each, with N as asked for each site
   * or all training images where these are fewer.
   */
  patterns(images: ReadonlyMap<SiteId, number>): Promise<Map<SiteId, HostTensor>>;
}

/** A gate that changes for good at the beginning of a phase; accuracies on both sides of it are measured. */
export interface Switch {
  what: string;
  /** More about what changed, for people. */
  detail?: string;
  before: { weights: TensorMap; soft: StepSettings['soft'] };
}

export interface PhaseStart {
  gates: GateMap;
  weights: TensorMap;
  memory: Memory;
  /** True: the phase has nothing to do and ends without a step. */
  finished?: boolean;
  switch?: Switch;
  warnings?: string[];
}

export interface CheckContext {
  experiment: Experiment;
  gates: GateMap;
  memory: Memory;
  epoch: number;
  /** Number of α > threshold per site. */
  maskCounts(threshold: number): Promise<SiteIdMap<number>>;
}

export interface PhaseRule {
  /** Deterministic: after a crash the phase is begun again. */
  begin(context: BeginContext): Promise<PhaseStart> | PhaseStart;
  numbers(memory: Memory, position: Position): MethodNumbers;
  /** After each epoch (null) or every so many steps of the phase; `finished` ends the phase at once. */
  check?: {
    everySteps: number | null;
    run(context: CheckContext): Promise<{ memory: Memory; finished: boolean }>;
  };
  /** DReLUs that the check counted last, while they are being removed. */
  counted?(memory: Memory): number;
  /** α above this counts as kept, while masks are not yet binary. */
  epsilon?: number;
  /** DReLUs at which the check ends the phase; such a phase may end before its planned epochs. */
  endsAt?(memory: Memory): number;
  /** True: the best epoch by the experiment's selection is kept; false: the last state goes on. */
  selects: boolean;
  /** Slope or mix of the soft gate for the record; null while hard. */
  softness?(position: Position): number | null;
}

export interface PlannedPhase {
  info: Omit<PhaseInfo, 'stepsPerEpoch'>;
  phase: Phase;
  distillation: Distillation | null;
  rule: PhaseRule;
}

/** Gates and weights go on as they are. */
export const carryOn = ({ gates, weights }: BeginContext): PhaseStart => ({ gates, weights, memory: {} });
