/**
 * What is true now and gone after a reload: the device, the run in hand and how far it is, the data sets there are, files being
 * read. Written by session.ts, lists.ts and runInHand.ts from what the worker tells; read everywhere.
 */
import { create } from 'zustand';
import type { PhaseInfo, RunEvent, RunStatus } from '../../training/events.ts';
import type { DataSummary, DeviceInfo, FileReport } from '../../worker/protocol.ts';

export type RunProgress = Omit<Extract<RunEvent, { type: 'progress' }>, 'type'>;
export type Compiling = Omit<Extract<RunEvent, { type: 'compiling' }>, 'type'>;

/** The run in hand. */
export interface CurrentRun {
  id: string;
  name: string;
  /** Multiply-accumulates of one image. */
  macs: number;
  status: RunStatus;
  detail?: string;
  phase: PhaseInfo | null;
  progress: RunProgress | null;
  compiling: Compiling | null;
  memory: { bytes: number; limit: number | null } | null;
  /** Last validation accuracy, 0 to 1. */
  validation: number | null;
  error: { name: string; message: string } | null;
}

export interface FileProgress {
  file: string;
  done: number;
  total: number;
}

export interface SessionState {
  /** null: not asked yet. */
  device: DeviceInfo | null;
  current: CurrentRun | null;
  /** null: not read yet. */
  data: DataSummary[] | null;
  /** Files being read at present. */
  files: FileProgress[];
  /** What became of the files of the last import. */
  reports: FileReport[];
  /** Asked of the worker and not answered yet: disables the button that asked. */
  busy: 'starting' | 'pausing' | 'stopping' | null;
  patch(change: Partial<Omit<SessionState, 'patch' | 'patchRun'>>): void;
  patchRun(change: Partial<CurrentRun>): void;
}

export const useSession = create<SessionState>((set) => ({
  device: null,
  current: null,
  data: null,
  files: [],
  reports: [],
  busy: null,
  patch: (change) => set(change),
  patchRun: (change) => set(({ current }) => (current ? { current: { ...current, ...change } } : {})),
}));

const OVER: RunStatus[] = ['done', 'stopped', 'failed'];
/** A run is being trained, or stands paused in the worker. */
export const isActive = (run: CurrentRun | null): run is CurrentRun => run !== null && !OVER.includes(run.status);
