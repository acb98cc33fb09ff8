/** Whether the ReLU counts of the stages follow the order of criticality, and the comparisons that fail. */
import { Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { NetworkSpec } from '../../domain/network.ts';
import { orderFor, useDesign } from '../stores/design.ts';
import { compact } from '../../domain/describe.ts';
import { isPublishedOrder, orderText } from './order.ts';
import { orderPairs } from './orderCheck.ts';
import type { StageTable } from './stageRows.ts';

export function OrderVerdict({ network, table }: { network: NetworkSpec; table: StageTable }) {
  const orders = useDesign((s) => s.orders);
  const order = orderFor(orders, network.blocks.length);
  const relus = table.rows.filter((row) => row.stage > 0).map((row) => row.relus);
  const failing = orderPairs(relus, network.blocks, order, network.family === 'cifar-resnet').filter(
    (pair) => !pair.holds,
  );
  if (order.length < 2) return null;
  const source = isPublishedOrder(order) ? 'the published order of ResNet-18' : 'the order set in the Design tab';
  if (failing.length === 0) {
    return (
      <Group gap={6} wrap="nowrap" align="flex-start" role="status">
        <IconCheck size={16} color="var(--good-text)" style={{ flex: 'none', marginTop: 1 }} aria-hidden />
        <Text size="xs">
          The ReLU counts follow the order of criticality, {orderText(order)}{' '}
          <Text span inherit c="dimmed">
            ({source}).
          </Text>
        </Text>
      </Group>
    );
  }
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" role="status">
      <IconAlertTriangle size={16} color="var(--warn-text)" style={{ flex: 'none', marginTop: 1 }} aria-hidden />
      <div>
        <Text size="xs">
          The ReLU counts do not follow the order of criticality, {orderText(order)}{' '}
          <Text span inherit c="dimmed">
            ({source})
          </Text>
          :
        </Text>
        <List size="xs" spacing={2} mt={2} withPadding={false}>
          {failing.map((pair) => (
            <List.Item key={`${pair.more}-${pair.fewer}`}>
              S{pair.more} has {compact(pair.relusMore)}, S{pair.fewer} {compact(pair.relusFewer)}
              {pair.condition && <>; requires {pair.condition}</>}
            </List.Item>
          ))}
        </List>
      </div>
    </Group>
  );
}
