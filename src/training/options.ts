/** What a run is started with and what it ends with. */
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { Engine, EngineSettings, Progress, TensorMap } from '../engine/api.ts';
import type { CheckpointStorage } from './checkpoint.ts';
import type { RunEvent, RunResult } from './events.ts';
import type { Checkpoint, WarmStart } from './state.ts';
import type { TraceWriter } from './trace.ts';
import type { TrainingData } from './trainingData.ts';

export interface TrainerOptions {
  experiment: Experiment;
  data: TrainingData;
  /** May first measure kernel tiles on a device that is new to it; `onTuning` reports its progress. */
  createEngine: (settings: EngineSettings, onTuning: Progress) => Engine | Promise<Engine>;
  emit: (event: RunEvent) => void;
  /** Continues from here; `experiment` must be the checkpoint's. */
  resume?: Checkpoint | null;
  start?: WarmStart | null;
  storage?: CheckpointStorage | null;
  /** Records every decision and loss. Sums are then read after every step, which is slower. */
  trace?: TraceWriter | null;
  /** Seconds between checkpoints inside an epoch. */
  checkpointSeconds?: number;
  /** Starts paused. */
  paused?: boolean;
  /** Names the device, to tell whether an interrupted run continues on the same one. Asked when the run starts. */
  adapter?: () => string;
  /** Bytes that the device lends at most, for the memory event. */
  memoryLimit?: number | null;
  /** Milliseconds; for tests. */
  now?: () => number;
}

/** A run that is done, as the export takes it. */
export interface FinishedRun {
  experiment: Experiment;
  gates: GateMap;
  weights: TensorMap;
  result: RunResult;
  dataset: { trainImages: number; validationImages: number; testImages: number; mean: number[]; std: number[] };
}

export type RunOutcome =
  { status: 'done'; finished: FinishedRun } | { status: 'stopped' } | { status: 'failed'; error: Error };
