/** What the equalizer is asked: order of criticality, base channels, limits. Blocks φ come from the network. */
import { Button, Group, Input, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { NumberField, parseNumber } from '../parts/NumberField.tsx';
import { orderFor, useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import { isPublishedOrder, startingOrder } from './order.ts';
import { OrderList } from './OrderList.tsx';

/** A limit that may be left empty: "500K", "1.5G", nothing. */
function LimitField({
  label,
  unit,
  value,
  onChange,
}: {
  label: string;
  unit: string;
  value: number | null;
  onChange(value: number | null): void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const read = (text: string) => parseNumber(text.replace(/g$/i, 'e9'));
  const bad = draft !== null && draft.trim() !== '' && !(read(draft) > 0);
  return (
    <TextInput
      label={label}
      placeholder="No limit"
      value={
        draft ??
        (value === null ? '' : value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}K` : String(value))
      }
      error={bad ? 'A number such as 500K' : undefined}
      rightSection={<span className="unit">{unit}</span>}
      rightSectionWidth={unit.length * 7 + 14}
      rightSectionPointerEvents="none"
      classNames={{ input: 'figures' }}
      autoComplete="off"
      onChange={(event) => {
        const text = event.currentTarget.value;
        setDraft(text);
        if (text.trim() === '') onChange(null);
        else if (read(text) > 0) onChange(read(text));
      }}
      onBlur={() => setDraft(null)}
    />
  );
}

export function EqualizerSettings() {
  const network = useExperiment((s) => s.experiment.network);
  const { orders, measured, setOrder, patch, maxMultiplier, maxRelus, maxMacs, minimalOnly, base } = useDesign();
  const order = orderFor(orders, network.blocks.length);
  const start = startingOrder(network.blocks.length);
  const origin = isPublishedOrder(order)
    ? `As published for ResNet-18${order.join() === measured?.join() ? ', and as measured' : ''}`
    : order.join() === measured?.join()
      ? 'As measured'
      : order.join() === start.join()
        ? `None is published for ${network.blocks.length} stages: an assumption, to be measured`
        : 'Own order';
  return (
    <Stack gap="sm" role="group" aria-label="Equalizer settings">
      <Input.Wrapper
        label="Order of criticality"
        description={`${origin}. Most critical first; drag, or arrow keys`}
        size="xs"
        labelElement="div"
      >
        <Group gap={6} my={4}>
          <OrderList order={order} onChange={setOrder} label="Order of criticality, most critical first" />
        </Group>
      </Input.Wrapper>
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
          Measure it
        </Button>
      </Group>
      <Group gap="xs" grow align="flex-start">
        <NumberField
          label="Base channels"
          hint={base === null ? "m, the network's" : 'm, own value'}
          value={base ?? network.widths[0]}
          min={1}
          max={1024}
          whole
          onChange={(m) => patch({ base: m === network.widths[0] ? null : m })}
        />
        <NumberField
          label="Multipliers up to"
          hint="From 2 on, whole"
          value={maxMultiplier}
          min={2}
          max={64}
          whole
          onChange={(most) => patch({ maxMultiplier: most })}
        />
      </Group>
      <LimitField label="ReLUs at most" unit="ReLUs" value={maxRelus} onChange={(most) => patch({ maxRelus: most })} />
      <LimitField label="MACs at most" unit="MACs" value={maxMacs} onChange={(most) => patch({ maxMacs: most })} />
      <Switch
        label="Minimal solutions only"
        description="Those that no other solution undercuts in every multiplier"
        checked={minimalOnly}
        onChange={(event) => patch({ minimalOnly: event.currentTarget.checked })}
      />
      {network.family === 'wide-resnet' && (
        <Text size="xs" c="dimmed">
          The equalizer counts a stage&rsquo;s ReLUs by its own width. In a WideResNet the first gate of a stage still
          has the width and size before it, so its stages hold more than that: look at the drawing in the step Network.
        </Text>
      )}
    </Stack>
  );
}
