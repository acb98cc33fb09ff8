/** The masks of a run, asked of the worker once and kept; the latest few stay. */
import { useEffect, useState } from 'react';
import type { MaskInspection } from '../../worker/protocol.ts';
import { ask } from '../session.ts';

const KEPT = 4;
const known = new Map<string, MaskInspection>();

function remember(inspection: MaskInspection): void {
  known.set(inspection.run, inspection);
  for (const run of [...known.keys()].slice(0, -KEPT)) known.delete(run);
}

export interface InspectionState {
  inspection: MaskInspection | null;
  problem: string | null;
}

/** `run`: null for none; only runs that have finished or were imported have masks. */
export function useInspection(run: string | null): InspectionState {
  const [state, setState] = useState<InspectionState & { of: string | null }>({
    of: null,
    inspection: null,
    problem: null,
  });
  useEffect(() => {
    if (run === null || known.has(run)) return;
    let current = true;
    ask({ type: 'masks:inspect', run }).then(
      (inspection) => {
        remember(inspection);
        if (current) setState({ of: run, inspection, problem: null });
      },
      (error: unknown) => {
        if (current)
          setState({ of: run, inspection: null, problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      current = false;
    };
  }, [run]);
  if (run === null) return { inspection: null, problem: null };
  const inspection = known.get(run) ?? (state.of === run ? state.inspection : null);
  return { inspection, problem: state.of === run ? state.problem : null };
}
