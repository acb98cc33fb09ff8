/** What sharing comes to, live: DReLUs a stage and in total, multiplications, seconds of one private inference. */
import { Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { compact, exactly, seconds, stageName } from '../../domain/describe.ts';
import { latencyOf } from '../../domain/latency.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { MethodCounts } from '../design/methodCounts.ts';
import { StageDot } from '../parts/StageColours.tsx';
import { changeText } from '../parts/Units.tsx';
import { useLatency } from '../stores/latency.ts';

export function SharingCounts({ counts: { before, after }, network }: { counts: MethodCounts; network: NetworkSpec }) {
  const settings = useLatency((s) => s.settings);
  const [was, now] = useMemo(
    () => [before, after].map((counts) => latencyOf(network, counts, settings).online.seconds),
    [before, after, network, settings],
  );
  const rows = after.stages.filter(({ neurons }) => neurons > 0);
  const beforeOf = (stage: number) => before.stages.find((count) => count.stage === stage)?.drelus ?? 0;
  return (
    <div>
      <Table className="counts figures" aria-label="DReLUs and multiplications with these gates">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Stage</Table.Th>
            <Table.Th ta="right">DReLUs</Table.Th>
            <Table.Th ta="right">of</Table.Th>
            <Table.Th ta="right">Multiplications</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ stage, drelus, multiplications }) => (
            <Table.Tr key={stage}>
              <Table.Td>
                <StageDot stage={stage} size={8} /> {stageName(stage)}
              </Table.Td>
              <Table.Td ta="right" title={exactly(drelus)}>
                {compact(drelus)}
              </Table.Td>
              <Table.Td ta="right" title={exactly(beforeOf(stage))}>
                {compact(beforeOf(stage))}
              </Table.Td>
              <Table.Td ta="right" title={exactly(multiplications)}>
                {compact(multiplications)}
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr fw={600}>
            <Table.Td>Total</Table.Td>
            <Table.Td ta="right" title={exactly(after.total.drelus)}>
              {compact(after.total.drelus)}
            </Table.Td>
            <Table.Td ta="right" title={exactly(before.total.drelus)}>
              {compact(before.total.drelus)}
            </Table.Td>
            <Table.Td ta="right" title={exactly(after.total.multiplications)}>
              {compact(after.total.multiplications)}
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt={4} className="figures">
        One inference: {seconds(now)} online, {changeText(now, was)} against {seconds(was)} before sharing.
      </Text>
    </div>
  );
}
