/** The masks of a run, requested from the worker once; those of the last few runs are cached. */
import { useEffect, useState } from 'react';
import type { MaskInspection } from '../../worker/protocol.ts';
import { ask } from '../link.ts';
import { messageOf } from '../notify.ts';

const CACHED = 4;
const known = new Map<string, MaskInspection>();

function cache(inspection: MaskInspection): void {
  known.set(inspection.run, inspection);
  for (const run of [...known.keys()].slice(0, -CACHED)) known.delete(run);
}

export interface InspectionState {
  inspection: MaskInspection | null;
  problem: string | null;
  /** Requests the masks again, after a problem. */
  retry(): void;
}

interface Answer {
  of: string;
  inspection: MaskInspection | null;
  problem: string | null;
}

/** `run`: null for none. Only runs that are done or were imported have masks. */
export function useInspection(run: string | null): InspectionState {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (run === null || known.has(run)) return;
    let current = true;
    ask({ type: 'masks:inspect', run }).then(
      (inspection) => {
        cache(inspection);
        if (current) setAnswer({ of: run, inspection, problem: null });
      },
      (error: unknown) => {
        if (current) setAnswer({ of: run, inspection: null, problem: messageOf(error) });
      },
    );
    return () => {
      current = false;
    };
  }, [run, tries]);
  const own = answer?.of === run ? answer : null;
  return {
    inspection: (run !== null && known.get(run)) || (own?.inspection ?? null),
    problem: own?.problem ?? null,
    retry: () => {
      setAnswer(null);
      setTries(tries + 1);
    },
  };
}
