/** The frame of every chart: title, a sentence where the chart is empty, and the same numbers as a table, to read or to copy. */
import { ActionIcon, Box, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import classes from './Figure.module.css';

export interface FigureTable {
  columns: string[];
  /** Cells already formatted with their units. Called only while the table is shown. */
  rows(): (string | number)[][];
}

export interface FigureProps {
  title: string;
  /** A few words after the title, such as units. */
  subtitle?: ReactNode;
  /** The chart is empty, and this sentence says when it will not be. */
  empty?: string | null;
  table?: FigureTable;
  /** Controls to the right of the title. */
  actions?: ReactNode;
  legend?: ReactNode;
  /** Height of the drawing in pixels, also when it is empty. */
  height?: number;
  children: ReactNode;
}

export function Figure({ title, subtitle, empty, table, actions, legend, height = 220, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const shown = asTable && table && !empty;
  return (
    <Box component="figure" m={0} aria-labelledby={id} className={classes.figure}>
      <Group component="figcaption" justify="space-between" gap="xs" mih={28}>
        <Group gap={8} align="baseline" wrap="wrap" flex="1 1 200px">
          <Text id={id} size="sm" fw={600} component="span">
            {title}
          </Text>
          {subtitle && (
            <Text size="xs" c="dimmed" component="span">
              {subtitle}
            </Text>
          )}
        </Group>
        <Group gap={4} wrap="nowrap" flex="none" ml="auto">
          {actions}
          {table && (
            <Tooltip label={shown ? 'Show as a chart' : 'Show as a table'}>
              <ActionIcon
                aria-label={shown ? `Show ${title} as a chart` : `Show ${title} as a table`}
                disabled={Boolean(empty)}
                onClick={() => setAsTable(!asTable)}
              >
                {shown ? <IconChartLine size={16} stroke={1.75} /> : <IconTable size={16} stroke={1.75} />}
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Group>
      {legend}
      {empty ? (
        <Box className={classes.empty} h={height}>
          <Text size="sm" c="dimmed" ta="center" maw={420}>
            {empty}
          </Text>
        </Box>
      ) : shown ? (
        <TableView table={table} title={title} height={height} />
      ) : (
        <Box h={height}>{children}</Box>
      )}
    </Box>
  );
}

/** A number, with any unit: columns of these are right-aligned. */
const isFigure = (cell: string | number) => typeof cell === 'number' || cell === '' || /^[+−-]?[\d.]/.test(cell);

function TableView({ table, title, height }: { table: FigureTable; title: string; height: number }) {
  const rows = table.rows();
  const side = table.columns.map((_, j) => (rows.every((cells) => isFigure(cells[j] ?? '')) ? 'right' : undefined));
  return (
    // A scrollable region must be focusable.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={classes.table} style={{ height }} tabIndex={0} aria-label={`${title}, table`}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {table.columns.map((column, j) => (
              <Table.Th key={j} ta={side[j]}>
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, j) => (
                <td key={j} style={{ textAlign: side[j] }}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
