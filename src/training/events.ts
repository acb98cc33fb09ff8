/**
 * Events of a run. The page, the command line and the store of runs read them. All are JSON-serialisable.
 */
import type { MethodName } from '../domain/methods/registry.ts';
import type { Evaluation } from '../engine/api.ts';

/** A part of a run with its own gates, optimizer and schedule; `id` is unique in a run. */
export interface PhaseInfo {
  id: string;
  /** Method that it belongs to; null for dense training. */
  method: MethodName | null;
  kind: 'dense' | 'masks' | 'soft' | 'hard' | 'finetune' | 'train';
  /** For people: "SNL mask stage". */
  title: string;
  /** Planned epochs; a mask stage may end earlier. */
  epochs: number;
  stepsPerEpoch: number;
}

export interface StepRecord {
  /** Steps since the run began, over all phases. */
  step: number;
  phase: string;
  epoch: number;
  /** Means since the last record. */
  loss: number;
  crossEntropy: number;
  distillation: number;
  penalty: number;
  accuracy: number;
  learningRate: number;
  /** λ, null outside mask stages. */
  lambda: number | null;
  /** Distinct DReLUs after this step. */
  drelus: number;
  imagesPerSecond: number;
}

export interface EpochRecord {
  phase: string;
  epoch: number;
  step: number;
  seconds: number;
  train: Evaluation;
  validation: Evaluation | null;
  /** In a phase's last epoch, of the weights that the phase keeps. Under the paper protocol in every epoch, of that epoch's weights. */
  test: Evaluation | null;
  drelus: number;
  multiplications: number;
  learningRate: number;
  lambda: number | null;
  /** Slope or mix of the soft gate, null while hard. */
  softness: number | null;
}

export type RunStatus = 'preparing' | 'compiling' | 'running' | 'paused' | 'evaluating' | 'done' | 'stopped' | 'failed';

export interface RunResult {
  drelus: number;
  multiplications: number;
  macs: number;
  testAccuracy: number | null;
  validationAccuracy: number | null;
  denseTestAccuracy: number | null;
  /** Epoch whose weights are kept, and how it was selected. */
  selected: { phase: string; epoch: number; by: 'validation' | 'last' | 'paper' };
}

export type RunEvent =
  | { type: 'status'; status: RunStatus; detail?: string }
  | { type: 'compiling'; done: number; total: number; what: 'shaders' | 'tuning' }
  | { type: 'plan'; phases: PhaseInfo[] }
  | { type: 'phase'; phase: PhaseInfo }
  /** A few per second at most. */
  | { type: 'step'; record: StepRecord }
  | {
      type: 'progress';
      phase: string;
      epoch: number;
      stepInEpoch: number;
      stepsPerEpoch: number;
      secondsLeft: number | null;
      /** "phase" where a mask stage still comes: how long it takes is not known in advance. */
      leftOf?: 'run' | 'phase';
      imagesPerSecond: number | null;
    }
  | { type: 'epoch'; record: EpochRecord }
  /** A gate changed for good (masks binarised, gate made hard), with the validation accuracy before and after it. */
  | { type: 'switch'; step: number; what: string; detail?: string; before: Evaluation | null; after: Evaluation | null }
  | { type: 'memory'; bytes: number; limit: number | null }
  | { type: 'warning'; message: string }
  | { type: 'done'; result: RunResult }
  | { type: 'failed'; message: string; name: string };
