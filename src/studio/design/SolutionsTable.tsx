/** The equalizer's solutions with their cost, sortable; "Use" applies one to the network of the experiment. */
import { Button, ScrollArea, Table, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSelector } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { compact, exactly, macs, seconds } from '../../domain/describe.ts';
import { useExperiment } from '../stores/experiment.ts';
import classes from './SolutionsTable.module.css';
import { multipliersName } from './multipliers.ts';
import { sortRows } from './sortRows.ts';
import type { SortKey } from './sortRows.ts';
import type { SolutionRow } from './useCandidates.ts';

const COLUMNS: { key: SortKey; title: string; hint: string; left?: boolean }[] = [
  { key: 'multipliers', title: 'α-β-γ', hint: 'Multipliers between the stages', left: true },
  { key: 'widths', title: 'Widths', hint: 'Channels of each stage', left: true },
  { key: 'drelus', title: 'ReLUs', hint: 'Of the dense network' },
  { key: 'macs', title: 'MACs', hint: 'Multiply-accumulates of one image' },
  { key: 'parameters', title: 'Param.', hint: 'Trained parameters' },
  { key: 'offlineSeconds', title: 'Offline', hint: 'Predicted offline latency' },
  { key: 'onlineSeconds', title: 'Online', hint: 'Predicted online latency' },
];

const Row = memo(function Row({ row, onUse }: { row: SolutionRow; onUse: Props['onUse'] }) {
  const widths = row.widths.join();
  const chosen = useExperiment((s) => s.experiment.network.widths.join() === widths);
  const name = multipliersName(row.multipliers);
  return (
    <Table.Tr aria-current={chosen || undefined} className={chosen ? classes.chosen : undefined}>
      <Table.Td>
        <b>{name}</b>
        {row.minimal && (
          <Text span size="xs" c="dimmed" ml={6}>
            minimal
          </Text>
        )}
      </Table.Td>
      <Table.Td>{row.widths.join(' / ')}</Table.Td>
      <Table.Td ta="right" title={exactly(row.drelus)}>
        {compact(row.drelus)}
      </Table.Td>
      <Table.Td ta="right" title={exactly(row.macs)}>
        {macs(row.macs)}
      </Table.Td>
      <Table.Td ta="right" title={exactly(row.parameters)}>
        {compact(row.parameters)}
      </Table.Td>
      <Table.Td ta="right">{seconds(row.offlineSeconds)}</Table.Td>
      <Table.Td ta="right">{seconds(row.onlineSeconds)}</Table.Td>
      <Table.Td ta="right" w={64}>
        <Button
          size="compact-xs"
          variant={chosen ? 'transparent' : 'default'}
          disabled={chosen}
          aria-label={chosen ? `${name} is in use` : `Use ${name}`}
          onClick={() => onUse(row)}
        >
          {chosen ? 'In use' : 'Use'}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
});

interface Props {
  rows: SolutionRow[];
  onUse(row: SolutionRow): void;
}

/** The row of the experiment's network is highlighted. */
export function SolutionsTable({ rows, onUse }: Props) {
  const [sort, setSort] = useState<{ key: SortKey | null; down: boolean }>({ key: null, down: false });
  const sorted = sortRows(rows, sort.key, sort.down);
  const choose = (key: SortKey) =>
    setSort((old) =>
      old.key === key ? (old.down ? { key: null, down: false } : { key, down: true }) : { key, down: false },
    );
  return (
    <ScrollArea.Autosize
      mah={324}
      type="auto"
      offsetScrollbars="present"
      tabIndex={0}
      role="region"
      aria-label="Solutions of the equalizer"
    >
      <Table className={classes.table} stickyHeader highlightOnHover horizontalSpacing={7}>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map(({ key, title, hint, left }) => {
              const sortedBy = sort.key === key;
              const Icon = !sortedBy ? IconSelector : sort.down ? IconChevronDown : IconChevronUp;
              return (
                <Table.Th
                  key={key}
                  ta={left ? 'left' : 'right'}
                  aria-sort={sortedBy ? (sort.down ? 'descending' : 'ascending') : 'none'}
                >
                  <UnstyledButton className={classes.sort} title={hint} onClick={() => choose(key)}>
                    {title}
                    <Icon size={12} aria-hidden />
                  </UnstyledButton>
                </Table.Th>
              );
            })}
            <Table.Th>
              <VisuallyHidden>Action</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((row) => (
            <Row key={row.multipliers.join()} row={row} onUse={onUse} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
