/**
 * Counts per stage and in total. It is updated at every move of a slider, so its cells are plain elements, and rows are memoized by
 * their numbers.
 */
import { Table } from '@mantine/core';
import { memo } from 'react';
import type { ReactNode } from 'react';
import { compact, exactly, macs, stageName } from '../../domain/describe.ts';
import classes from './CountsTable.module.css';
import { StageDot } from './StageColours.tsx';

export interface CountCell {
  value: number;
  /** Multiply-accumulates: "0.56 G" in a column titled MACs. */
  as?: 'macs';
}

export interface CountsTableProps {
  label: string;
  columns: string[];
  rows: { stage: number; cells: CountCell[] }[];
  total: CountCell[];
  caption?: ReactNode;
}

function Figures({ value, as }: CountCell) {
  if (as !== 'macs') return compact(value);
  const [number, unit] = macs(value).split(' ');
  return (
    <>
      {number} <span className={classes.unit}>{unit.replace('MAC', '')}</span>
    </>
  );
}

const sameCells = (a: CountCell[], b: CountCell[]) =>
  a.length === b.length && a.every(({ value, as }, i) => value === b[i].value && as === b[i].as);

const Row = memo(
  function Row({ head, cells }: { head: number | 'total'; cells: CountCell[] }) {
    return (
      <tr>
        <th scope="row">
          {head === 'total' ? (
            'Total'
          ) : (
            <>
              <StageDot stage={head} size={8} /> {stageName(head)}
            </>
          )}
        </th>
        {cells.map((cell, i) => (
          <td key={i} title={exactly(cell.value)}>
            <Figures {...cell} />
          </td>
        ))}
      </tr>
    );
  },
  (before, after) => before.head === after.head && sameCells(before.cells, after.cells),
);

export function CountsTable({ label, columns, rows, total, caption }: CountsTableProps) {
  return (
    <Table className={classes.table} aria-label={label}>
      {caption && <caption>{caption}</caption>}
      <thead>
        <tr>
          <th scope="col">Stage</th>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ stage, cells }) => (
          <Row key={stage} head={stage} cells={cells} />
        ))}
      </tbody>
      <tfoot>
        <Row head="total" cells={total} />
      </tfoot>
    </Table>
  );
}
