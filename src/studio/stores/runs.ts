/**
 * Runs: the list that the worker stores, the current run as its events describe it, and which runs the page shows.
 *
 * The stored list is read about once a second and lags behind the events, so no component reads it directly. `runListOf` combines
 * both into the one list that the page uses: for the current run its events decide, for every other run the stored list.
 *
 * Three kinds of run have a name of their own:
 *   current    started or resumed by this page; the last one stays current after it has ended
 *   viewed     shown by the Live, Masks and Gate analysis tabs: the run last chosen or started, else the newest
 *   compared   selected in the Runs tab
 *
 * The arrays of a history grow in place (a run has tens of thousands of records); the history object around them is new at
 * every change, so select the history, not its arrays: `useRuns((s) => s.histories[run])`.
 */
import { create } from 'zustand';
import type { Experiment } from '../../domain/experiment.ts';
import type { PhaseInfo, RunEvent, RunStatus } from '../../training/events.ts';
import type { RunHistory, RunSummary } from '../../worker/protocol.ts';

export type { RunHistory };

export type RunProgress = Omit<Extract<RunEvent, { type: 'progress' }>, 'type'>;
export type Compiling = Omit<Extract<RunEvent, { type: 'compiling' }>, 'type'>;

/** Counts and accuracies (0 to 1) that a run has reported; null: not yet. */
export type RunResults = Pick<RunSummary, 'drelus' | 'multiplications' | 'testAccuracy' | 'validationAccuracy'>;

export const NO_RESULTS: RunResults = {
  drelus: null,
  multiplications: null,
  testAccuracy: null,
  validationAccuracy: null,
};

export interface CurrentRun {
  id: string;
  name: string;
  experiment: Experiment;
  /** ISO 8601, by the page's clock. */
  startedAt: string;
  status: RunStatus;
  detail?: string;
  phase: PhaseInfo | null;
  progress: RunProgress | null;
  compiling: Compiling | null;
  /** GPU memory in use and allowed, in bytes. */
  memory: { bytes: number; limit: number | null } | null;
  results: RunResults;
  error: { name: string; message: string } | null;
}

export interface RunsState {
  /** As the worker stored them, newest first; null: not read yet. Read them through `runListOf`. */
  stored: RunSummary[] | null;
  current: CurrentRun | null;
  histories: Record<string, RunHistory | undefined>;
  /** The run chosen to be viewed; null: none was chosen. Read it through `viewedRunOf`. */
  viewedId: string | null;
  /** Runs selected for comparison, in the order of selection. Read them through `comparedRunsOf`. */
  comparedIds: string[];
  setStored(runs: RunSummary[]): void;
  setCurrent(run: CurrentRun | null): void;
  /** Changes the current run; does nothing where there is none. */
  patchCurrent(change: Partial<CurrentRun>): void;
  setHistory(run: string, history: RunHistory): void;
  view(run: string | null): void;
  toggleCompared(run: string): void;
}

export const emptyHistory = (): RunHistory => ({ phases: [], steps: [], epochs: [], switches: [], warnings: [] });

export const useRuns = create<RunsState>((set) => ({
  stored: null,
  current: null,
  histories: {},
  viewedId: null,
  comparedIds: [],
  setStored: (stored) => set({ stored }),
  setCurrent: (current) => set({ current }),
  patchCurrent: (change) => set(({ current }) => (current ? { current: { ...current, ...change } } : {})),
  setHistory: (run, history) => set((state) => ({ histories: { ...state.histories, [run]: { ...history } } })),
  view: (viewedId) => set({ viewedId }),
  toggleCompared: (run) =>
    set(({ comparedIds }) => ({
      comparedIds: comparedIds.includes(run) ? comparedIds.filter((id) => id !== run) : [...comparedIds, run],
    })),
}));

const ENDED: readonly string[] = ['done', 'stopped', 'failed'] satisfies RunStatus[];
export const hasEnded = ({ status }: { status: RunStatus | RunSummary['status'] }): boolean => ENDED.includes(status);
/** The run is being trained, or is paused in the worker. */
export const isActive = (run: CurrentRun | null): run is CurrentRun => run !== null && !hasEnded(run);

/** The status that the list of runs shows for the current run. */
function listedStatus({ status }: CurrentRun): RunSummary['status'] {
  return status === 'paused' || status === 'done' || status === 'stopped' || status === 'failed' ? status : 'running';
}

/** The entry of a run that the stored list does not contain yet. */
const entryOf = (run: CurrentRun): RunSummary => ({
  id: run.id,
  name: run.name,
  createdAt: run.startedAt,
  finishedAt: null,
  status: listedStatus(run),
  experiment: run.experiment,
  ...run.results,
  seconds: 0,
  checkpointStep: null,
});

const reported = (results: RunResults): Partial<RunResults> =>
  Object.fromEntries(Object.entries(results).filter(([, value]) => value !== null));

function combine(stored: RunSummary[], current: CurrentRun): RunSummary[] {
  const at = stored.findIndex(({ id }) => id === current.id);
  // Missing after it has ended: removed. Missing before: not stored yet.
  if (at < 0) return isActive(current) ? [entryOf(current), ...stored] : stored;
  const entry = stored[at];
  if (hasEnded(current) && hasEnded(entry)) return stored;
  return stored.with(at, { ...entry, status: listedStatus(current), ...reported(current.results) });
}

type ListState = Pick<RunsState, 'stored' | 'current'>;
interface Combined {
  stored: RunSummary[] | null;
  run: [id: string, status: RunSummary['status'], results: RunResults] | null;
  list: RunSummary[] | null;
}
let combined: Combined = { stored: null, run: null, list: null };

/** Every run as of now, newest first; null: not read yet. The same array until something in it changes. */
export function runListOf({ stored, current }: ListState): RunSummary[] | null {
  const run: Combined['run'] = current && [current.id, listedStatus(current), current.results];
  const same = run === combined.run || (run && combined.run && run.every((value, i) => value === combined.run?.[i]));
  if (stored !== combined.stored || !same)
    combined = { stored, run, list: stored && current ? combine(stored, current) : stored };
  return combined.list;
}

export const runOf = (state: ListState, id: string | null): RunSummary | null =>
  runListOf(state)?.find((run) => run.id === id) ?? null;

/** The run that the tabs show: the one chosen, or the newest where none was chosen or the chosen one was removed. */
export const viewedRunOf = (state: ListState & Pick<RunsState, 'viewedId'>): RunSummary | null =>
  runOf(state, state.viewedId) ?? runListOf(state)?.at(0) ?? null;

/** Selected runs that still exist, in the order of selection. */
export const comparedRunsOf = (state: ListState & Pick<RunsState, 'comparedIds'>): RunSummary[] =>
  state.comparedIds.flatMap((id) => runOf(state, id) ?? []);

export const useRunList = () => useRuns(runListOf);
export const useViewedRun = () => useRuns(viewedRunOf);
export const useIsTraining = () => useRuns((s) => isActive(s.current));
