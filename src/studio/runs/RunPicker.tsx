/** Chooses the viewed run from the runs that have masks, and from the viewed run itself where it has none yet. */
import { Button, NativeSelect } from '@mantine/core';
import { compact } from '../../domain/describe.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { viewRun } from '../lists.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { useRunList, useViewedRun } from '../stores/runs.ts';
import { STATUS_TITLES } from './status.ts';

/** Masks exist once a run is done, or was imported. */
export const hasMasks = ({ status }: Pick<RunSummary, 'status'>): boolean => status === 'done';

const optionOf = ({ id, name, drelus, status }: RunSummary) => ({
  value: id,
  label:
    status !== 'done'
      ? `${name} · ${STATUS_TITLES[status].toLowerCase()}`
      : drelus === null
        ? name
        : `${name} · ${compact(drelus)} DReLUs`,
});

/** `run`: the viewed run. */
export function RunPicker({ run }: { run: RunSummary }) {
  const runs = useRunList() ?? [];
  return (
    <NativeSelect
      label="Run"
      value={run.id}
      onChange={(event) => viewRun(event.currentTarget.value)}
      data={runs.filter((candidate) => hasMasks(candidate) || candidate.id === run.id).map(optionOf)}
      maw={360}
    />
  );
}

/** In place of masks or analyses, where the viewed run has none yet: says so, and offers the newest run that has them. */
export function NoMasksYet({ run, what }: { run: RunSummary; what: string }) {
  const finished = useRunList()?.find(hasMasks);
  const reason =
    run.status === 'running' || run.status === 'paused'
      ? `“${run.name}” is not finished yet`
      : `“${run.name}” did not finish`;
  return (
    <EmptyState
      title={reason}
      action={
        finished && (
          <Button variant="default" onClick={() => viewRun(finished.id)}>
            View “{finished.name}”
          </Button>
        )
      }
    >
      {what} when a run is done.
    </EmptyState>
  );
}

/** What a tab about masks shows: nothing read yet, no run, a run without masks yet, or a run with masks. */
export type ViewedMasks =
  | { state: 'reading'; run: null }
  | { state: 'none'; run: null }
  | { state: 'unfinished'; run: RunSummary }
  | { state: 'finished'; run: RunSummary };

export function useViewedMasks(): ViewedMasks {
  const runs = useRunList();
  const run = useViewedRun();
  if (runs === null) return { state: 'reading', run: null };
  if (!run) return { state: 'none', run: null };
  return { state: hasMasks(run) ? 'finished' : 'unfinished', run };
}
