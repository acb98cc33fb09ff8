/**
 * What the page and the worker say to each other: types only. Requests carry an id and get exactly one answer; events of the
 * run in hand flow beside them. Errors cross as (name, message), never as bare "error".
 */
import type { DimensionMeasure } from '../domain/effectiveDimension.ts';
import type { FileReport } from '../data/importer.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { NetworkSpec, SiteId } from '../domain/network.ts';
import type { Evaluation } from '../engine/api.ts';
import type { EpochRecord, PhaseInfo, RunEvent, StepRecord } from '../training/events.ts';

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

/** Everything a run told about itself, in the order in which it came. */
export interface RunHistory {
  phases: PhaseInfo[];
  steps: StepRecord[];
  epochs: EpochRecord[];
  /** Transitions; the name is that of the stored format. */
  switches: Transition[];
  warnings: string[];
}

/** A few images for the eye: RGBA, `width` × `height` each, one after the other. */
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

/** One gate site of a run, for the heat maps. */
export interface InspectedSite {
  id: SiteId;
  /** (C, H, W) */
  shape: [number, number, number];
  stage: number;
  /** DReLUs computed here, neurons whose gate is not constant, and neurons there are. */
  drelus: number;
  multiplications: number;
  neurons: number;
  /** One byte a neuron in C, H, W order: 1 where this neuron's own DReLU is computed. */
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

/** Normalised effective dimensions of a site's gates: as they are, and after each channel's positions were shuffled. */
export interface GateDimensions {
  matching: number[];
  shuffled: number[];
}

/** Gates of one site on N images (design: algorithms §3). */
export interface AnalysedSite {
  id: SiteId;
  shape: [number, number, number];
  stage: number;
  /** One value an image, over its positions. */
  images: GateDimensions;
  /** One value a position (at most 64, evenly spread), over the images. */
  positions: GateDimensions;
  /** Over all images and positions together. */
  pooled: { matching: number; shuffled: number };
  /** C × C correlation of the gates over all images and positions, row-major, channels in their own order. */
  correlation: Float32Array;
  /** Channels ordered so that those that agree stand together. */
  order: number[];
  /** Share of samples at which channel c is open. */
  open: number[];
}

export interface GateAnalysis {
  run: string;
  images: number;
  seed: number;
  measure: DimensionMeasure;
  /** The network analysed: prototype counts suggested from this belong to it. */
  network: NetworkSpec;
  sites: AnalysedSite[];
}

export type Request =
  | { type: 'device' }
  | { type: 'data:list' }
  /**
   * Files dropped or chosen; progress comes as data events. `paths`: below the dropped folder, one a file, since that is lost
   * on the way to the worker. `parts`: by the file's name as reported, for files that were answered with `ask`.
   */
  | {
      type: 'data:import';
      files: File[];
      paths?: string[];
      parts?: Record<string, 'train' | 'test'>;
      classes?: number | null;
    }
  /** Forgets a data set; `data:restore` brings it back until the worker ends. */
  | { type: 'data:remove'; name: string }
  | { type: 'data:restore'; name: string }
  /** A few images as RGBA for thumbnails. */
  | { type: 'data:thumbnails'; name: string; part: 'train' | 'test'; indices: number[]; syntheticSeed?: number }
  | { type: 'run:start'; experiment: Experiment; from?: { run: string } | { masks: string; weights: ArrayBuffer } }
  | { type: 'run:pause' }
  | { type: 'run:resume'; run?: string }
  | { type: 'run:step' }
  | { type: 'run:stop' }
  | { type: 'runs:list' }
  | { type: 'runs:history'; run: string }
  | { type: 'runs:rename'; run: string; name: string }
  /** Forgets a run; `runs:restore` brings it back until the worker ends. */
  | { type: 'runs:remove'; run: string }
  | { type: 'runs:restore'; run: string }
  | { type: 'masks:export'; run: string }
  /** Checks a masks.json (and weights) and keeps it as an imported run. */
  | { type: 'masks:import'; masks: string; weights: ArrayBuffer | null; fileName: string }
  /** Kept positions of every site of a run, for the heat maps. */
  | { type: 'masks:inspect'; run: string }
  /** Progress comes as job events. */
  | { type: 'masks:evaluate'; run: string; part: 'validation' | 'test' }
  /** Effective dimensions and correlations of the gates on images of the validation split; progress comes as job events. */
  | { type: 'gates:analyse'; run: string; images: number; seed: number; measure: DimensionMeasure }
  | { type: 'tuning:reset' }
  | { type: 'cancel'; id: number };

/** What each request is answered with. */
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
  'masks:import': { run: string };
  'masks:inspect': MaskInspection;
  'masks:evaluate': Evaluation;
  'gates:analyse': GateAnalysis;
  'tuning:reset': null;
  cancel: null;
}

export type RequestOf<T extends Request['type']> = Extract<Request, { type: T }>;

/** Requests that need the GPU for a while, without training. */
export type GpuJob = 'masks:evaluate' | 'gates:analyse';

export type ToWorker = { id: number; request: Request };

export type FromWorker =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: { name: string; message: string } }
  | { event: 'run'; run: string; data: RunEvent }
  | { event: 'data'; data: { file: string; done: number; total: number } | { report: FileReport } }
  /** How far a job on the GPU besides training is; `total` counts images, over all sites where there are several. */
  | { event: 'job'; type: GpuJob; run: string; done: number; total: number }
  | { event: 'lost'; message: string };
