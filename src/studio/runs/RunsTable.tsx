/** The table of runs: sortable columns, a checkbox for comparison and a menu of actions per run. */
import {
  ActionIcon,
  Checkbox,
  Group,
  Menu,
  Table,
  Text,
  TextInput,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconDots } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { compact, datasetName, duration, exactly, networkName, percent } from '../../domain/describe.ts';
import { describeMethods } from '../../domain/describeMethods.ts';
import { exportMasks } from '../exports.ts';
import { useGpuObstacle } from '../gpuJobs.ts';
import { PARTS } from '../masks/evaluation.ts';
import { MethodMark, styledMethodOf } from '../parts/MethodMark.tsx';
import { continueRun } from '../currentRun.ts';
import { useRuns, useViewedRun } from '../stores/runs.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { WideTable } from '../parts/WideTable.tsx';
import { evaluateRun, openExperiment, removeRun, renameRun, resumeTitle, startFrom, viewIn } from './actions.ts';
import { sorted } from './sorting.ts';
import { STATUS_TITLES } from './status.ts';
import classes from './RunsTable.module.css';
import type { Column, Sorting } from './sorting.ts';

const HEADS: { key: Column; title: string; number?: boolean }[] = [
  { key: 'name', title: 'Run' },
  { key: 'status', title: 'Status' },
  { key: 'network', title: 'Network' },
  { key: 'drelus', title: 'DReLUs', number: true },
  { key: 'multiplications', title: 'Mult.', number: true },
  { key: 'validationAccuracy', title: 'Validation', number: true },
  { key: 'testAccuracy', title: 'Test', number: true },
  { key: 'seconds', title: 'Time', number: true },
  { key: 'createdAt', title: 'Created', number: true },
];

/** Narrower than this the table scrolls sideways; the column with the names stays in place. */
const MIN_WIDTH = 940;

const STATUS_COLOUR: Partial<Record<RunSummary['status'], string>> = {
  running: 'var(--accent-text)',
  done: 'var(--good-text)',
  failed: 'var(--mantine-color-error)',
  interrupted: 'var(--warn-text)',
};

const when = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

function RunMenu({ run, rename }: { run: RunSummary; rename(): void }) {
  const obstacle = useGpuObstacle();
  const unfinished = run.status === 'interrupted' || run.status === 'stopped' || run.status === 'failed';
  const done = run.status === 'done';
  const needsGpu = { disabled: obstacle !== null, title: obstacle ?? undefined };
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${run.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {unfinished && (
          <Menu.Item {...needsGpu} onClick={() => void continueRun(run.id)}>
            {resumeTitle(run)}
          </Menu.Item>
        )}
        <Menu.Item onClick={() => viewIn(run, 'live')}>View curves</Menu.Item>
        {done && (
          <>
            <Menu.Item onClick={() => viewIn(run, 'masks')}>View masks</Menu.Item>
            <Menu.Item onClick={() => void exportMasks(run)}>Export masks</Menu.Item>
            {PARTS.map((part) => (
              <Menu.Item key={part} {...needsGpu} onClick={() => void evaluateRun(run, part)}>
                Evaluate on {part}
              </Menu.Item>
            ))}
            <Menu.Item {...needsGpu} onClick={() => void startFrom(run)}>
              Start from this run
            </Menu.Item>
          </>
        )}
        <Menu.Item onClick={() => openExperiment(run)}>Open experiment</Menu.Item>
        <Menu.Item onClick={rename}>Rename</Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          disabled={run.status === 'running' || run.status === 'paused'}
          onClick={() => void removeRun(run)}
        >
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const selectAll = (input: HTMLInputElement | null) => input?.select();

/** Edits the name of a run: Enter or leaving the field keeps it, Escape does not. `close(true)`: the keyboard focus is still here. */
function NameField({ run, close }: { run: RunSummary; close(here: boolean): void }) {
  const [name, setName] = useState(run.name);
  const keep = (here: boolean) => {
    close(here);
    void renameRun(run, name);
  };
  return (
    <TextInput
      aria-label={`Name of ${run.name}`}
      value={name}
      maxLength={120}
      data-autofocus
      ref={selectAll}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={() => keep(false)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep(true);
        if (event.key === 'Escape') close(true);
      }}
    />
  );
}

function Cell({ run, column }: { run: RunSummary; column: Column }) {
  switch (column) {
    case 'name':
      return (
        <Group gap={6} wrap="nowrap">
          <MethodMark method={styledMethodOf(run.experiment)} />
          <UnstyledButton
            className={classes.link}
            data-run={run.id}
            onClick={() => viewIn(run, 'live')}
            title={`${describeMethods(run.experiment)}, ${datasetName(run.experiment.dataset.name)}`}
          >
            {run.name}
          </UnstyledButton>
        </Group>
      );
    case 'status':
      return (
        <Text span size="sm" c={STATUS_COLOUR[run.status]}>
          {STATUS_TITLES[run.status]}
        </Text>
      );
    case 'network':
      return networkName(run.experiment.network);
    case 'drelus':
    case 'multiplications': {
      const value = run[column];
      return value === null ? '–' : <span title={exactly(value)}>{compact(value)}</span>;
    }
    case 'validationAccuracy':
    case 'testAccuracy': {
      const value = run[column];
      if (value === null) return '–';
      return column === 'testAccuracy' && run.experiment.selection === 'paper' ? (
        <span title="Paper protocol: the best test epoch, so too high">{percent(value)} ‡</span>
      ) : (
        percent(value)
      );
    }
    case 'seconds':
      return run.seconds > 0 ? duration(run.seconds) : '–';
    case 'createdAt':
      return when.format(new Date(run.createdAt));
  }
}

export function RunsTable({ runs }: { runs: RunSummary[] }) {
  const [sorting, setSorting] = useState<Sorting>({ by: 'createdAt', descending: true });
  const [renaming, setRenaming] = useState<string | null>(null);
  const compared = useRuns((s) => s.comparedIds);
  const toggle = useRuns((s) => s.toggleCompared);
  const viewed = useViewedRun();
  const rows = useMemo(() => sorted(runs, sorting), [runs, sorting]);
  const table = useRef<HTMLTableElement>(null);
  const back = useRef<string | null>(null);
  // The field has been removed: the focus moves to the name in its place.
  useEffect(() => {
    const run = back.current;
    back.current = null;
    if (run) table.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(run)}"]`)?.focus();
  }, [renaming]);
  const endRenaming = (run: string, here: boolean) => {
    back.current = here ? run : null;
    setRenaming(null);
  };
  const sortBy = (by: Column, number: boolean) =>
    setSorting((now) => ({ by, descending: now.by === by ? !now.descending : number }));
  return (
    <WideTable label="Runs" minWidth={MIN_WIDTH}>
      <Table ref={table} className={classes.table} highlightOnHover aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={28}>
              <VisuallyHidden>Compare</VisuallyHidden>
            </Table.Th>
            {HEADS.map(({ key, title, number }) => (
              <Table.Th
                key={key}
                ta={number ? 'right' : undefined}
                aria-sort={sorting.by === key ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
              >
                <UnstyledButton className={classes.sort} onClick={() => sortBy(key, number === true)}>
                  {title}
                  {sorting.by === key &&
                    (sorting.descending ? <IconChevronDown size={13} /> : <IconChevronUp size={13} />)}
                </UnstyledButton>
              </Table.Th>
            ))}
            <Table.Th w={36}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((run) => (
            <Table.Tr key={run.id} data-viewed={run.id === viewed?.id || undefined}>
              <Table.Td>
                <Checkbox
                  aria-label={`Compare ${run.name}`}
                  checked={compared.includes(run.id)}
                  onChange={() => toggle(run.id)}
                />
              </Table.Td>
              {HEADS.map(({ key, number }) => (
                <Table.Td key={key} ta={number ? 'right' : undefined}>
                  {key === 'name' && renaming === run.id ? (
                    <NameField run={run} close={(here) => endRenaming(run.id, here)} />
                  ) : (
                    <Cell run={run} column={key} />
                  )}
                </Table.Td>
              ))}
              <Table.Td>
                <RunMenu run={run} rename={() => setRenaming(run.id)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {runs.some(({ experiment }) => experiment.selection === 'paper') && (
        <Text size="xs" c="dimmed" mt={4}>
          ‡ Paper protocol: the best test epoch was selected on test data, so the accuracy is too high.
        </Text>
      )}
    </WideTable>
  );
}
