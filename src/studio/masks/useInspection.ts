/** The masks of a run, asked of the worker once and kept; the latest few stay. */
import { useEffect, useState } from 'react';
import type { MaskInspection } from '../../worker/protocol.ts';
import { ask } from '../link.ts';
import { messageOf } from '../notify.ts';

const KEPT = 4;
const known = new Map<string, MaskInspection>();

function remember(inspection: MaskInspection): void {
  known.set(inspection.run, inspection);
  for (const run of [...known.keys()].slice(0, -KEPT)) known.delete(run);
}

export interface InspectionState {
  inspection: MaskInspection | null;
  problem: string | null;
  /** Asks once more, after a problem. */
  again(): void;
}

interface Answer {
  of: string;
  inspection: MaskInspection | null;
  problem: string | null;
}

/** `run`: null for none; only runs that have finished or were imported have masks. */
export function useInspection(run: string | null): InspectionState {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (run === null || known.has(run)) return;
    let current = true;
    ask({ type: 'masks:inspect', run }).then(
      (inspection) => {
        remember(inspection);
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
    again: () => {
      setAnswer(null);
      setTries(tries + 1);
    },
  };
}
