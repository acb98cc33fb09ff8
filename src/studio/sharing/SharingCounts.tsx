/** The cost with sharing: DReLUs and multiplications per stage and in total, and the latency of one private inference. */
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { seconds } from '../../domain/describe.ts';
import { latencyOf } from '../../domain/latency.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { MethodCounts } from '../design/methodCounts.ts';
import { CountsTable } from '../parts/CountsTable.tsx';
import { changeText } from '../parts/Units.tsx';
import { useLatency } from '../stores/latency.ts';

export function SharingCounts({ counts: { before, after }, network }: { counts: MethodCounts; network: NetworkSpec }) {
  const settings = useLatency((s) => s.settings);
  const [was, now] = useMemo(
    () => [before, after].map((counts) => latencyOf(network, counts, settings).online.seconds),
    [before, after, network, settings],
  );
  const cells = (now: { drelus: number; multiplications: number }, was: { drelus: number } | undefined) => [
    { value: now.drelus },
    { value: was?.drelus ?? 0 },
    { value: now.multiplications },
  ];
  return (
    <div>
      <CountsTable
        label="DReLUs and multiplications with sharing"
        columns={['DReLUs', 'Before', 'Multiplications']}
        rows={after.stages
          .filter(({ neurons }) => neurons > 0)
          .map((count) => ({
            stage: count.stage,
            cells: cells(
              count,
              before.stages.find(({ stage }) => stage === count.stage),
            ),
          }))}
        total={cells(after.total, before.total)}
      />
      <Text size="xs" c="dimmed" mt={4}>
        Online latency: {seconds(was)} before sharing, {seconds(now)} with sharing ({changeText(now, was)}).
      </Text>
    </div>
  );
}
