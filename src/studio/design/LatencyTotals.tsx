/** Offline and online cost of one private inference: time and bytes, with the shares of DReLUs and of multiply-accumulates. */
import { Group, Table, Text } from '@mantine/core';
import { bytes, percent, seconds } from '../../domain/describe.ts';
import type { Latency, PhaseLatency } from '../../domain/latency.ts';
import { Term } from '../parts/Term.tsx';
import { WideTable } from '../parts/WideTable.tsx';
import classes from './Design.module.css';
import { PARTS, PART_COLOURS, PART_TITLES } from './latencySteps.ts';

function Stack({ phase, longest, label }: { phase: PhaseLatency; longest: number; label: string }) {
  const shares = PARTS.map((part) => `${PART_TITLES[part]} ${seconds(phase[part].seconds)}`).join(', ');
  return (
    <div
      className={classes.stack}
      role="img"
      aria-label={`${label}: ${shares}`}
      style={{ width: `${(100 * phase.seconds) / longest}%` }}
    >
      {PARTS.map((part) => (
        <span
          key={part}
          title={`${PART_TITLES[part]}: ${seconds(phase[part].seconds)}`}
          style={{ width: `${(100 * phase[part].seconds) / phase.seconds}%`, background: PART_COLOURS[part] }}
        />
      ))}
    </div>
  );
}

export function PartLegend() {
  return (
    <Group gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {PARTS.map((part) => (
        <Group key={part} gap={6} component="li" wrap="nowrap">
          <span aria-hidden style={{ width: 10, height: 10, borderRadius: 2, background: PART_COLOURS[part] }} />
          <Text size="xs" c="dimmed">
            {PART_TITLES[part]}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

export function LatencyTotals({ latency }: { latency: Latency }) {
  const { offline, online } = latency;
  const longest = Math.max(offline.seconds, online.seconds);
  const row = (title: string, phase: PhaseLatency) => (
    <Table.Tr key={title}>
      <Table.Th scope="row">{title}</Table.Th>
      <Table.Td ta="right" title={`${phase.seconds.toFixed(3)} s`}>
        <b>{seconds(phase.seconds)}</b>
      </Table.Td>
      <Table.Td w="34%" miw={120}>
        <Stack phase={phase} longest={longest} label={title} />
      </Table.Td>
      <Table.Td ta="right">{percent(phase.relu.seconds / phase.seconds, 1)}</Table.Td>
      <Table.Td ta="right">{percent(phase.linear.seconds / phase.seconds, 1)}</Table.Td>
      <Table.Td ta="right">{bytes(phase.bytesUp)}</Table.Td>
      <Table.Td ta="right">{bytes(phase.bytesDown)}</Table.Td>
    </Table.Tr>
  );
  return (
    <WideTable label="Latency of one inference" minWidth={560}>
      <Table className={classes.oneLine} aria-label="Latency of one inference">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Term of="offline">Phase</Term>
            </Table.Th>
            <Table.Th ta="right">Time</Table.Th>
            <Table.Th>Composition</Table.Th>
            <Table.Th ta="right">ReLUs</Table.Th>
            <Table.Th ta="right">FLOPs</Table.Th>
            <Table.Th ta="right">Upload</Table.Th>
            <Table.Th ta="right">Download</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {row('Offline', offline)}
          {row('Online', online)}
          <Table.Tr>
            <Table.Th scope="row">Total</Table.Th>
            <Table.Td ta="right">
              <b>{seconds(latency.seconds)}</b>
            </Table.Td>
            <Table.Td>
              <Text size="xs" c="dimmed">
                Client stores {bytes(latency.clientStorage)} between the phases
              </Text>
            </Table.Td>
            <Table.Td ta="right">{percent((offline.relu.seconds + online.relu.seconds) / latency.seconds, 1)}</Table.Td>
            <Table.Td ta="right">
              {percent((offline.linear.seconds + online.linear.seconds) / latency.seconds, 1)}
            </Table.Td>
            <Table.Td ta="right">{bytes(offline.bytesUp + online.bytesUp)}</Table.Td>
            <Table.Td ta="right">{bytes(offline.bytesDown + online.bytesDown)}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
