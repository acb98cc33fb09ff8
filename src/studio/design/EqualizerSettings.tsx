/** Settings of the equalizer: order of criticality, base channels, limits. The blocks φ are those of the network. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import { FieldBlock, SwitchField } from '../parts/fields.tsx';
import { Term } from '../parts/Term.tsx';
import { LimitField, NumberField } from '../parts/NumberField.tsx';
import { orderFor, useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import { isPublishedOrder, startingOrder } from './order.ts';
import { OrderList } from './OrderList.tsx';

export const EqualizerSettings = memo(function EqualizerSettings() {
  const stages = useExperiment((s) => s.experiment.network.blocks.length);
  const networkBase = useExperiment((s) => s.experiment.network.widths[0]);
  const wide = useExperiment((s) => s.experiment.network.family === 'wide-resnet');
  const { orders, measured, setOrder, patch, maxMultiplier, maxRelus, maxMacs, minimalOnly, base } = useDesign();
  const order = orderFor(orders, stages);
  const start = startingOrder(stages);
  const origin = isPublishedOrder(order)
    ? `As published for ResNet-18${order.join() === measured?.join() ? ', and as measured' : ''}`
    : order.join() === measured?.join()
      ? 'As measured'
      : order.join() === start.join()
        ? `Assumed: no order is published for ${stages} stages`
        : 'Custom order';
  return (
    <Stack gap="sm" role="group" aria-label="Equalizer settings">
      <FieldBlock
        label={<Term of="criticality">Order of criticality</Term>}
        hint={`${origin}. Most critical first; drag, or use the arrow keys`}
      >
        <Group gap={6} my={4}>
          <OrderList order={order} onChange={setOrder} label="Order of criticality, most critical first" />
        </Group>
      </FieldBlock>
      <Group gap={6}>
        <Button
          size="compact-xs"
          variant="default"
          disabled={order.join() === start.join()}
          onClick={() => setOrder(start)}
        >
          {isPublishedOrder(start) ? 'Published order' : 'Starting order'}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => patch({ part: 'criticality' })}>
          Measure
        </Button>
      </Group>
      <Group gap="xs" grow align="flex-start">
        <NumberField
          label="Base channels"
          hint={base === null ? "m, the network's" : 'm, custom'}
          value={base ?? networkBase}
          min={1}
          max={1024}
          whole
          onChange={(m) => patch({ base: m === networkBase ? null : m })}
        />
        <NumberField
          label="Max multiplier"
          hint="Integer ≥ 2"
          value={maxMultiplier}
          min={2}
          max={64}
          whole
          onChange={(most) => patch({ maxMultiplier: most })}
        />
      </Group>
      <LimitField label="Max ReLUs" unit="ReLUs" value={maxRelus} onChange={(most) => patch({ maxRelus: most })} />
      <LimitField label="Max MACs" unit="MACs" value={maxMacs} onChange={(most) => patch({ maxMacs: most })} />
      <SwitchField
        label="Minimal solutions only"
        hint="Hides solutions with larger multipliers than another one"
        value={minimalOnly}
        onChange={(on) => patch({ minimalOnly: on })}
      />
      {wide && (
        <Text size="xs" c="dimmed">
          The equalizer counts the ReLUs of a stage by its width. In a WideResNet, the first gate of a stage has the
          width and resolution of the stage before, so the stages have more ReLUs: see the drawing in step 2, Network.
        </Text>
      )}
    </Stack>
  );
});
