/**
 * Messages between the page and the worker: types only. Each request has an id and gets exactly one answer; events of the current run
 * are sent without a request. Errors are sent as name and message.
 */
import type { DimensionMeasure } from '../domain/effectiveDimension.ts';
import type { FileReport } from '../data/importer.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { ExportFormat } from '../domain/exportFormats.ts';
import type { Assumption, Difference } from '../domain/recogniseNetwork.ts';
import type { NetworkSpec, SiteId } from '../domain/network.ts';
import type { Evaluation } from '../engine/api.ts';
import type { EpochRecord, PhaseInfo, RunEvent, StepRecord } from '../training/events.ts';

export interface DeviceInfo {
  /** False: no adapter; `reason` says in one sentence what is missing and how to enable it. */
  available: boolean;
  reason?: string;
  vendor: string;
  architecture: string;
  description: string;
  /** A software adapter, which is slow. */
  software: boolean;
  features: string[];
  limits: { maxBufferSize: number; maxStorageBufferBindingSize: number; maxComputeInvocationsPerWorkgroup: number };
}

/** A data set in the browser's private file system. */
export interface DataSummary {
  name: 'synthetic' | 'cifar-10' | 'cifar-100' | 'tiny-imagenet';
  classes: string[];
  train: { images: number; perClass: number[] };
  test: { images: number; perClass: number[] };
  /** Size of pixels and labels in bytes. */
  bytes: number;
  files: { name: string; part: 'train' | 'test'; images: number; bytes: number }[];
  shape: [number, number, number];
}

export type { FileReport } from '../data/importer.ts';

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

/** A change of the gates during a run, such as masks made binary: a vertical line in the charts. */
export type Transition = Omit<Extract<RunEvent, { type: 'switch' }>, 'type'>;

/** The history of a run, in the order of its events. */
export interface RunHistory {
  phases: PhaseInfo[];
  steps: StepRecord[];
  epochs: EpochRecord[];
  /** Transitions; the name is that of the stored format. */
  switches: Transition[];
  warnings: string[];
}

/** Sample images: RGBA, `width` × `height` each, one after the other. */
export interface Thumbnails {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
  labels: number[];
}

/** The two files of a finished run. */
export interface ExportedMasks {
  masks: string;
  weights: Uint8Array;
}

/** What a file of trained weights is, and what its import may choose. */
export interface WeightsExamined {
  network: NetworkSpec;
  /** Sites that have masks in the file. */
  masked: SiteId[];
  /** What weights do not tell, and how it was decided. */
  assumptions: Assumption[];
  /** Parameters that differ from the network's; `refused`: so that the file cannot be used. */
  differences: Difference[];
  refused: boolean;
  /** The data set with that many classes. */
  dataset: DataSummary['name'];
  /** Of pixels scaled to 0 … 1, per channel. */
  normalisation: Record<DataSummary['name'], { mean: number[]; std: number[] }>;
}

/** One ReLU layer of a run, for the heat maps. */
export interface InspectedSite {
  id: SiteId;
  /** (C, H, W) */
  shape: [number, number, number];
  stage: number;
  /** DReLUs computed here, neurons whose gate is not constant, and all neurons. */
  drelus: number;
  multiplications: number;
  neurons: number;
  /** One byte per neuron in C, H, W order: 1 where this neuron's own DReLU is computed. */
  kept: Uint8Array;
  /** Learned affine of a shared gate, C entries each. */
  scale?: number[];
  shift?: number[];
}

export interface MaskInspection {
  run: string;
  network: NetworkSpec;
  gates: GateMap;
  sites: InspectedSite[];
}

/** Normalized effective dimensions of the gates of a ReLU layer: at matching positions, and after shuffling each channel's positions. */
export interface GateDimensions {
  matching: number[];
  shuffled: number[];
}

/** Gates of one ReLU layer on N images (design: algorithms §3). */
export interface AnalysedSite {
  id: SiteId;
  shape: [number, number, number];
  stage: number;
  /** One value per image, over its positions. */
  images: GateDimensions;
  /** One value per position (at most 64, evenly spread), over the images. */
  positions: GateDimensions;
  /** Over all images and positions together. */
  pooled: { matching: number; shuffled: number };
  /** C × C correlation of the gates over all images and positions, row-major, channels in their own order. */
  correlation: Float32Array;
  /** Channels ordered so that similar ones are adjacent. */
  order: number[];
  /** Share of samples at which channel c is open. */
  open: number[];
}

export interface GateAnalysis {
  run: string;
  images: number;
  seed: number;
  measure: DimensionMeasure;
  /** The analyzed network, to which suggested prototype counts belong. */
  network: NetworkSpec;
  sites: AnalysedSite[];
}

export type Request =
  | { type: 'device' }
  | { type: 'data:list' }
  /**
   * Dropped or chosen files; progress is sent as data events. `paths`: the path of each file below the dropped folder, which File
   * objects lose on the way to the worker. `parts`: by the reported name, for files that were reported as `ask`.
   */
  | {
      type: 'data:import';
      files: File[];
      paths?: string[];
      parts?: Record<string, 'train' | 'test'>;
      classes?: number | null;
    }
  /** Removes a data set; `data:restore` undoes it until the worker ends. */
  | { type: 'data:remove'; name: string }
  | { type: 'data:restore'; name: string }
  /** Sample images as RGBA. */
  | { type: 'data:thumbnails'; name: string; part: 'train' | 'test'; indices: number[]; syntheticSeed?: number }
  | { type: 'run:start'; experiment: Experiment; from?: { run: string } | { masks: string; weights: ArrayBuffer } }
  | { type: 'run:pause' }
  | { type: 'run:resume'; run?: string }
  | { type: 'run:step' }
  | { type: 'run:stop' }
  | { type: 'runs:list' }
  | { type: 'runs:history'; run: string }
  | { type: 'runs:rename'; run: string; name: string }
  /** Removes a run; `runs:restore` undoes it until the worker ends. */
  | { type: 'runs:remove'; run: string }
  | { type: 'runs:restore'; run: string }
  /** `weightsFile`: the name that masks.json gives its weights. */
  | { type: 'masks:export'; run: string; weightsFile?: string }
  /** Validates a masks.json (and weights) and stores it as an imported run. */
  | { type: 'masks:import'; masks: string; weights: ArrayBuffer | null; fileName: string }
  /** A finished run as one file in the form that another program reads. */
  | { type: 'run:export'; run: string; format: ExportFormat['name'] }
  /** A .relu-studio.zip: checked, then kept as the run that it was. */
  | { type: 'run:import'; file: File }
  /** Trained weights of another program (safetensors, PyTorch): what they are; then, with what was chosen, kept as a run. */
  | { type: 'weights:examine'; file: File }
  | {
      type: 'weights:import';
      file: File;
      network: NetworkSpec;
      dataset: DataSummary['name'];
      mean: number[];
      std: number[];
    }
  /** Kept positions of every ReLU layer of a run, for the heat maps. */
  | { type: 'masks:inspect'; run: string }
  /** Progress is sent as job events. */
  | { type: 'masks:evaluate'; run: string; part: 'validation' | 'test' }
  /** Effective dimensions and correlations of the gates on images of the validation split; progress is sent as job events. */
  | { type: 'gates:analyse'; run: string; images: number; seed: number; measure: DimensionMeasure }
  | { type: 'tuning:reset' }
  | { type: 'cancel'; id: number };

/** The answer to each request. */
export interface Answers {
  device: DeviceInfo;
  'data:list': DataSummary[];
  'data:import': FileReport[];
  'data:remove': null;
  'data:restore': null;
  'data:thumbnails': Thumbnails;
  'run:start': { run: string };
  'run:pause': null;
  'run:resume': { run: string };
  'run:step': null;
  'run:stop': null;
  'runs:list': RunSummary[];
  'runs:history': RunHistory;
  'runs:rename': null;
  'runs:remove': null;
  'runs:restore': null;
  'masks:export': ExportedMasks;
  /** `sameWeights`: the weights are the file that masks.json names, by its SHA-256; null: none were given. */
  'masks:import': { run: string; sameWeights: boolean | null };
  'run:export': Uint8Array;
  'run:import': { run: string };
  'weights:examine': WeightsExamined;
  'weights:import': { run: string; notes: string[] };
  'masks:inspect': MaskInspection;
  'masks:evaluate': Evaluation;
  'gates:analyse': GateAnalysis;
  'tuning:reset': null;
  cancel: null;
}

export type RequestOf<T extends Request['type']> = Extract<Request, { type: T }>;

/** Requests that use the GPU without training. */
export type GpuJob = 'masks:evaluate' | 'gates:analyse';

export type ToWorker = { id: number; request: Request };

export type FromWorker =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: { name: string; message: string } }
  | { event: 'run'; run: string; data: RunEvent }
  | { event: 'data'; data: { file: string; done: number; total: number } | { report: FileReport } }
  /** Progress of a job on the GPU besides training, in images, over all ReLU layers for an analysis. */
  | { event: 'job'; type: GpuJob; run: string; done: number; total: number }
  | { event: 'lost'; message: string };
