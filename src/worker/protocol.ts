/**
 * What the page and the worker say to each other: types only. Requests carry an id and get exactly one answer; events of the
 * run in hand flow beside them. Errors cross as (name, message), never as bare "error".
 */
import type { Experiment } from '../domain/experiment.ts';
import type { RunEvent } from '../training/events.ts';

export interface DeviceInfo {
  /** False: no adapter; `reason` says in one sentence what is missing and what brings it. */
  available: boolean;
  reason?: string;
  vendor: string;
  architecture: string;
  description: string;
  /** A software rasteriser: allowed, named as slow. */
  software: boolean;
  features: string[];
  limits: { maxBufferSize: number; maxStorageBufferBindingSize: number; maxComputeInvocationsPerWorkgroup: number };
}

/** One data set held in the browser's private file system. */
export interface DataSummary {
  name: 'synthetic' | 'cifar-10' | 'cifar-100' | 'tiny-imagenet';
  classes: string[];
  train: { images: number; perClass: number[] };
  test: { images: number; perClass: number[] };
  /** Bytes of pixels and labels kept. */
  bytes: number;
  files: { name: string; part: 'train' | 'test'; images: number; bytes: number }[];
  shape: [number, number, number];
}

export interface FileReport {
  file: string;
  /** Done with this file: what it held, or the one sentence that says why it was refused. */
  outcome: { ok: true; images: number; dataset: string; part: 'train' | 'test' | 'ask' } | { ok: false; message: string };
}

export interface RunSummary {
  id: string;
  name: string;
  createdAt: string;
  finishedAt: string | null;
  status: 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'interrupted';
  experiment: Experiment;
  drelus: number | null;
  multiplications: number | null;
  testAccuracy: number | null;
  validationAccuracy: number | null;
  seconds: number;
  /** Step up to which a checkpoint exists; null: none. */
  checkpointStep: number | null;
}

export type Request =
  | { type: 'device' }
  | { type: 'data:list' }
  /** Files dropped or chosen; progress comes as data events. */
  | { type: 'data:import'; files: File[]; parts?: Record<string, 'train' | 'test'> }
  | { type: 'data:remove'; name: string }
  /** A few images as RGBA for thumbnails. */
  | { type: 'data:thumbnails'; name: string; part: 'train' | 'test'; indices: number[] }
  | { type: 'run:start'; experiment: Experiment; from?: { run: string } | { masks: string; weights: ArrayBuffer } }
  | { type: 'run:pause' }
  | { type: 'run:resume'; run?: string }
  | { type: 'run:step' }
  | { type: 'run:stop' }
  | { type: 'runs:list' }
  | { type: 'runs:history'; run: string }
  | { type: 'runs:remove'; run: string }
  | { type: 'runs:restore'; run: string }
  | { type: 'masks:export'; run: string }
  /** Checks a masks.json (and weights) and keeps it as an imported run. */
  | { type: 'masks:import'; masks: string; weights: ArrayBuffer | null; fileName: string }
  /** Kept positions of every site of a run, for the heat maps. */
  | { type: 'masks:inspect'; run: string }
  | { type: 'masks:evaluate'; run: string; part: 'validation' | 'test' }
  | { type: 'gates:analyse'; run: string; images: number; seed: number }
  | { type: 'tuning:reset' }
  | { type: 'cancel'; id: number };

export type RequestOf<T extends Request['type']> = Extract<Request, { type: T }>;

export type ToWorker = { id: number; request: Request };

export type FromWorker =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: { name: string; message: string } }
  | { event: 'run'; run: string; data: RunEvent }
  | { event: 'data'; data: { file: string; done: number; total: number } | { report: FileReport } }
  | { event: 'analysis'; done: number; total: number }
  | { event: 'lost'; message: string };
