/** Evaluations of runs on the data of their experiment, by run and split; kept while the page is open. */
import { create } from 'zustand';
import type { Evaluation } from '../../engine/api.ts';
import { runJob } from '../gpuJobs.ts';
import { messageOf } from '../notify.ts';

export type Part = 'validation' | 'test';
export const PARTS: readonly Part[] = ['validation', 'test'];

type Outcome = { result: Evaluation } | { problem: string };

interface EvaluationState {
  outcomes: Record<string, Partial<Record<Part, Outcome>> | undefined>;
}

export const useEvaluations = create<EvaluationState>(() => ({ outcomes: {} }));

const put = (run: string, part: Part, outcome: Outcome) =>
  useEvaluations.setState(({ outcomes }) => ({
    outcomes: { ...outcomes, [run]: { ...outcomes[run], [part]: outcome } },
  }));

export async function evaluate(run: string, part: Part): Promise<void> {
  try {
    const result = await runJob({ type: 'masks:evaluate', run, part });
    if (result) put(run, part, { result });
  } catch (error) {
    put(run, part, { problem: messageOf(error) });
  }
}
