/** Savings per method: the cost of the dense network, then the cost after each method with the change against the dense network. */
import { Table, Text } from '@mantine/core';
import { bytes, compact, exactly, seconds, signedPercent } from '../../domain/describe.ts';
import { WideTable } from '../parts/WideTable.tsx';
import classes from './Design.module.css';
import type { LatencyStep } from './latencySteps.ts';

const COLUMNS = ['DReLUs', 'Mult.', 'Offline', 'Online', 'Traffic'];
/** Width of the change against the dense network, so that the numbers before it are aligned. */
const CHANGE_WIDTH = 66;
/** Horizontal spacing with which five columns fit beside the settings at 1440 px. */
const SPACING = 4;

const sent = ({ latency: { offline, online } }: LatencyStep) =>
  offline.bytesUp + offline.bytesDown + online.bytesUp + online.bytesDown;

export function SavingsTable({ steps }: { steps: LatencyStep[] }) {
  const [dense] = steps;
  const cell = (value: number, text: string, base: number, isDense: boolean) => (
    <Table.Td ta="right" title={exactly(value)}>
      {text}
      {!isDense && base > 0 && (
        <Text span inherit c="dimmed" display="inline-block" w={CHANGE_WIDTH}>
          {signedPercent(value / base - 1)}
        </Text>
      )}
      {isDense && <span style={{ display: 'inline-block', width: CHANGE_WIDTH }} />}
    </Table.Td>
  );
  return (
    <WideTable label="Savings per method" minWidth={660}>
      <Table className={classes.oneLine} horizontalSpacing={SPACING} aria-label="Savings per method">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Network after</Table.Th>
            {COLUMNS.map((title) => (
              <Table.Th key={title} ta="right" pr={CHANGE_WIDTH + SPACING}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step, i) => (
            <Table.Tr key={step.title}>
              <Table.Th scope="row">{step.title}</Table.Th>
              {cell(step.drelus, compact(step.drelus), dense.drelus, i === 0)}
              {cell(step.multiplications, compact(step.multiplications), dense.multiplications, i === 0)}
              {cell(
                step.latency.offline.seconds,
                seconds(step.latency.offline.seconds),
                dense.latency.offline.seconds,
                i === 0,
              )}
              {cell(
                step.latency.online.seconds,
                seconds(step.latency.online.seconds),
                dense.latency.online.seconds,
                i === 0,
              )}
              {cell(sent(step), bytes(sent(step)), sent(dense), i === 0)}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
