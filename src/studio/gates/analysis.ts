/** The analysis of a run's gates: asked for, watched, cancelled, kept while the page is open. */
import { create } from 'zustand';
import type { DimensionMeasure } from '../../domain/effectiveDimension.ts';
import type { GateAnalysis } from '../../worker/protocol.ts';
import { ask, onAnalysis } from '../session.ts';

export interface AnalysisSettings {
  images: number;
  seed: number;
  measure: DimensionMeasure;
}

interface AnalysisState {
  results: Record<string, GateAnalysis | undefined>;
  /** Run being analysed, and how far. */
  running: { run: string; done: number; total: number; stop: AbortController } | null;
  problem: { run: string; message: string } | null;
}

export const useAnalysis = create<AnalysisState>(() => ({ results: {}, running: null, problem: null }));

export async function analyse(run: string, settings: AnalysisSettings): Promise<void> {
  if (useAnalysis.getState().running) return;
  const stop = new AbortController();
  useAnalysis.setState({ running: { run, done: 0, total: 0, stop }, problem: null });
  const unlisten = onAnalysis((done, total) => useAnalysis.setState({ running: { run, done, total, stop } }));
  try {
    const result = await ask({ type: 'gates:analyse', run, ...settings }, stop.signal);
    useAnalysis.setState(({ results }) => ({ results: { ...results, [run]: result } }));
  } catch (error) {
    if (!stop.signal.aborted)
      useAnalysis.setState({ problem: { run, message: error instanceof Error ? error.message : String(error) } });
  } finally {
    unlisten();
    useAnalysis.setState({ running: null });
  }
}

export const cancelAnalysis = (): void => useAnalysis.getState().running?.stop.abort();
