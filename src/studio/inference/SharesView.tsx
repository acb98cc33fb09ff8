/** A look into one party's memory: the distribution of its shares of one tensor. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { exactly } from '../../domain/describe.ts';
import { SelectField } from '../parts/fields.tsx';
import { useInference } from './parties.ts';

const WIDTH = 640;
const HEIGHT = 120;

export function SharesView() {
  const shares = useInference((s) => s.shares);
  const [party, setParty] = useState<'client' | 'server'>('server');
  const [layer, setLayer] = useState<string | null>(null);
  const held = shares[party];
  const chosen = held.find((entry) => entry.layer === layer) ?? held.at(0);
  if (!chosen) return null;
  const most = Math.max(...chosen.bins, 1);
  const bar = WIDTH / chosen.bins.length;
  const expected = chosen.values / chosen.bins.length;
  return (
    <Stack gap={6} component="section" aria-label="Shares in memory">
      <Text size="sm" fw={600}>
        What one party sees
      </Text>
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="Party"
          value={party}
          onChange={(value) => setParty(value as 'client' | 'server')}
          data={[
            { value: 'server', label: 'Server' },
            { value: 'client', label: 'Client' },
          ]}
        />
        <SelectField
          label="Activation"
          value={chosen.layer}
          options={held.map((entry) => ({ value: entry.layer, label: entry.layer }))}
          onChange={setLayer}
        />
      </Group>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        style={{ width: '100%', maxWidth: WIDTH }}
        role="img"
        aria-label={`Histogram of ${exactly(chosen.values)} shares of ${chosen.layer} in ${chosen.bins.length} bins, ${exactly(Math.min(...chosen.bins))} to ${exactly(most)} per bin`}
      >
        {chosen.bins.map((count, i) => (
          <rect
            key={i}
            x={i * bar}
            y={HEIGHT * (1 - count / most)}
            width={bar - 1}
            height={(HEIGHT * count) / most}
            fill="var(--mantine-primary-color-filled)"
          />
        ))}
        <line
          x1={0}
          x2={WIDTH}
          y1={HEIGHT * (1 - expected / most)}
          y2={HEIGHT * (1 - expected / most)}
          stroke="currentColor"
          strokeDasharray="4 4"
        />
      </svg>
      <Text size="xs" c="dimmed" maw={760}>
        {exactly(chosen.values)} values of Z₂⁶⁴ in {chosen.bins.length} equal ranges, from 0 to 2⁶⁴; dashed: the uniform
        distribution. Each party alone sees noise; only the sum of both shares is an activation.
      </Text>
    </Stack>
  );
}
