/** The finished run that a tab is about (the one shown, else the newest), and how another is chosen. */
import { NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import { compact } from '../../domain/describe.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { showRun } from '../lists.ts';
import { useRuns } from '../stores/runs.ts';

export interface FinishedRuns {
  /** null: not read yet. */
  finished: RunSummary[] | null;
  run: RunSummary | null;
}

/** Runs that have masks: trained to their end, or imported. */
export function useFinishedRun(): FinishedRuns {
  const runs = useRuns((s) => s.runs);
  const shown = useRuns((s) => s.shown);
  return useMemo(() => {
    const finished = runs?.filter(({ status }) => status === 'done') ?? null;
    return { finished, run: finished?.find(({ id }) => id === shown) ?? finished?.at(0) ?? null };
  }, [runs, shown]);
}

export function RunPicker({ run, runs }: { run: RunSummary; runs: RunSummary[] }) {
  return (
    <NativeSelect
      label="Run"
      value={run.id}
      onChange={(event) => showRun(event.currentTarget.value)}
      data={runs.map(({ id, name, drelus }) => ({
        value: id,
        label: drelus === null ? name : `${name} · ${compact(drelus)} DReLUs`,
      }))}
      maw={360}
    />
  );
}
