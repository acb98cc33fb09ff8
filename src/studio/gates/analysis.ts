/** Gate analyses by run, kept while the page is open, and the error of the last one. */
import { create } from 'zustand';
import type { DimensionMeasure } from '../../domain/effectiveDimension.ts';
import type { GateAnalysis } from '../../worker/protocol.ts';
import { runJob } from '../gpuJobs.ts';
import { messageOf } from '../notify.ts';

export interface AnalysisSettings {
  images: number;
  seed: number;
  measure: DimensionMeasure;
}

interface AnalysisState {
  results: Record<string, GateAnalysis | undefined>;
  problem: { run: string; message: string } | null;
}

export const useAnalysis = create<AnalysisState>(() => ({ results: {}, problem: null }));

export async function analyse(run: string, settings: AnalysisSettings): Promise<void> {
  useAnalysis.setState({ problem: null });
  try {
    const result = await runJob({ type: 'gates:analyse', run, ...settings });
    if (result) useAnalysis.setState(({ results }) => ({ results: { ...results, [run]: result } }));
  } catch (error) {
    useAnalysis.setState({ problem: { run, message: messageOf(error) } });
  }
}
