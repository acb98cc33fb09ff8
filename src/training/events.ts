/**
 * The one stream of events that leaves the trainer; the page, the command line and the run library are its readers.
 * Everything in it is JSON-serialisable.
 */
import type { MethodName } from '../domain/methods/registry.ts';
import type { Evaluation } from '../engine/api.ts';

/** A stretch of training with one goal; `id` is unique in a run. */
export interface PhaseInfo {
  id: string;
  /** Method that asked for it; null for dense training. */
  method: MethodName | null;
  kind: 'dense' | 'masks' | 'soft' | 'hard' | 'finetune' | 'train';
  /** Words for people: "SNL mask stage". */
  title: string;
  /** Planned epochs; the mask stage may end before. */
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
  /** Distinct DReLUs at present. */
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
  /** At the end of a phase, of the weights that it keeps; every epoch, of that epoch's, under the paper protocol. */
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
  /** Epoch whose weights are kept, and by what. */
  selected: { phase: string; epoch: number; by: 'validation' | 'last' | 'paper' };
}

export type RunEvent =
  | { type: 'status'; status: RunStatus; detail?: string }
  | { type: 'compiling'; done: number; total: number; what: 'shaders' | 'tuning' }
  | { type: 'plan'; phases: PhaseInfo[] }
  | { type: 'phase'; phase: PhaseInfo }
  /** Several a second at most. */
  | { type: 'step'; record: StepRecord }
  | {
      type: 'progress';
      phase: string;
      epoch: number;
      stepInEpoch: number;
      stepsPerEpoch: number;
      secondsLeft: number | null;
      /** What the seconds are left of: the phase, where a mask stage still comes, whose length nobody knows. */
      leftOf?: 'run' | 'phase';
      imagesPerSecond: number | null;
    }
  | { type: 'epoch'; record: EpochRecord }
  /** A gate changed for good: binarised, made hard; accuracies before and after on the validation split. */
  | { type: 'switch'; step: number; what: string; detail?: string; before: Evaluation | null; after: Evaluation | null }
  | { type: 'memory'; bytes: number; limit: number | null }
  | { type: 'warning'; message: string }
  | { type: 'done'; result: RunResult }
  | { type: 'failed'; message: string; name: string };
