/**
 * What training told: the list of runs, and of each run looked at its history. The worker's client writes here a few times a
 * second at most; plots read.
 *
 * The arrays of a history grow in place (a run has tens of thousands of records); the history object around them is new at
 * every change, so select the history, not its arrays: `useRuns((s) => s.histories[run])`.
 */
import { create } from 'zustand';
import type { RunHistory, RunSummary } from '../../worker/protocol.ts';

export type { RunHistory };

export interface RunsState {
  /** Newest first. null: not read yet. */
  runs: RunSummary[] | null;
  histories: Record<string, RunHistory | undefined>;
  /** Runs ticked for comparison in the Runs tab, in the order of ticking. */
  selected: string[];
  /** The run that tabs show (heat maps, gates, live charts): the running one, else the one last chosen. */
  shown: string | null;
  setRuns(runs: RunSummary[]): void;
  setHistory(run: string, history: RunHistory): void;
  show(run: string | null): void;
  toggle(run: string): void;
}

export const emptyHistory = (): RunHistory => ({ phases: [], steps: [], epochs: [], switches: [], warnings: [] });

const gone = ({ runs, shown }: RunsState, known: ReadonlySet<string>): boolean =>
  shown !== null && !known.has(shown) && runs?.some(({ id }) => id === shown) === true;

export const useRuns = create<RunsState>((set) => ({
  runs: null,
  histories: {},
  selected: [],
  shown: null,
  setRuns: (runs) =>
    set((state) => {
      const known = new Set(runs.map((run) => run.id));
      return {
        runs,
        selected: state.selected.filter((id) => known.has(id)),
        // One that has just begun may not be in the list yet: only one that was there and is gone gives way.
        shown: state.shown === null || gone(state, known) ? (runs[0]?.id ?? null) : state.shown,
      };
    }),
  setHistory: (run, history) => set((state) => ({ histories: { ...state.histories, [run]: { ...history } } })),
  show: (shown) => set({ shown }),
  toggle: (run) =>
    set(({ selected }) => ({
      selected: selected.includes(run) ? selected.filter((id) => id !== run) : [...selected, run],
    })),
}));

/** The run that tabs show, with its history where it has been read. */
export const useShownRun = () => {
  const run = useRuns((s) => s.runs?.find(({ id }) => id === s.shown) ?? null);
  const history = useRuns((s) => (s.shown ? s.histories[s.shown] : undefined));
  return { run, history };
};
