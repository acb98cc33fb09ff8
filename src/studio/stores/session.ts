/**
 * What holds until the page is reloaded: the device, the data sets, the files being read. Written by session.ts, lists.ts and
 * files.ts from what the worker reports. Runs are in stores/runs.ts.
 */
import { create } from 'zustand';
import type { DataSummary, DeviceInfo, FileReport } from '../../worker/protocol.ts';

export interface FileProgress {
  file: string;
  /** Bytes read so far, and in all. */
  done: number;
  total: number;
}

export interface SessionState {
  /** null: not known yet. */
  device: DeviceInfo | null;
  /** null: not read yet. */
  data: DataSummary[] | null;
  /** Files being read at present. */
  files: FileProgress[];
  /** The outcome of each file of the last import. */
  reports: FileReport[];
  /** A request to the worker that is not answered yet; its button is disabled meanwhile. */
  busy: 'starting' | 'pausing' | 'stopping' | null;
  patch(change: Partial<Omit<SessionState, 'patch'>>): void;
}

export const useSession = create<SessionState>((set) => ({
  device: null,
  data: null,
  files: [],
  reports: [],
  busy: null,
  patch: (change) => set(change),
}));
