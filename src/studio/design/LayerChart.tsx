/** The cost per layer: one bar per layer from input to output, coloured by cause; in seconds or bytes, offline or online. */
import { Group, SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { bytes, seconds } from '../../domain/describe.ts';
import type { Latency, LayerLatency } from '../../domain/latency.ts';
import { Figure } from '../parts/Figure.tsx';
import { PART_COLOURS, PART_TITLES, layerTitle } from './latencySteps.ts';
import { PartLegend } from './LatencyTotals.tsx';

type Phase = 'offline' | 'online';
type Measure = 'seconds' | 'bytes';
const KINDS = ['relu', 'linear', 'multiplication'] as const;

interface Bin {
  name: string;
  relu: number;
  linear: number;
  multiplication: number;
}

const valueOf = (layer: LayerLatency, phase: Phase, measure: Measure) =>
  measure === 'seconds' ? layer[phase].seconds : layer[phase].bytesUp + layer[phase].bytesDown;

/** One bar per layer; the circuits and multiplications of a ReLU layer are stacked in one bar. */
function binsOf(layers: LayerLatency[], phase: Phase, measure: Measure): Bin[] {
  const bins = new Map<string, Bin>();
  for (const layer of layers) {
    const bin = bins.get(layer.name) ?? { name: layerTitle(layer.name), relu: 0, linear: 0, multiplication: 0 };
    bin[layer.kind] += valueOf(layer, phase, measure);
    bins.set(layer.name, bin);
  }
  return [...bins.values()];
}

export const LayerChart = memo(function LayerChart({ latency }: { latency: Latency }) {
  const [phase, setPhase] = useState<Phase>('offline');
  const [measure, setMeasure] = useState<Measure>('seconds');
  const bins = useMemo(() => binsOf(latency.layers, phase, measure), [latency, phase, measure]);
  // As many layer names as fit.
  const [width, setWidth] = useState(800);
  const skip = Math.max(0, Math.ceil((bins.length * 14) / width) - 1);
  const text = measure === 'seconds' ? seconds : bytes;
  return (
    <Figure
      title="By layer"
      subtitle={`${phase}, ${measure}`}
      height={260}
      legend={<PartLegend />}
      table={{
        columns: ['Layer', ...KINDS.map((kind) => PART_TITLES[kind])],
        rows: () => bins.map((bin) => [bin.name, ...KINDS.map((kind) => text(bin[kind]))]),
      }}
      actions={
        <Group gap={6} wrap="nowrap">
          <SegmentedControl
            aria-label="Phase"
            value={phase}
            onChange={setPhase}
            data={[
              { value: 'offline', label: 'Offline' },
              { value: 'online', label: 'Online' },
            ]}
          />
          <SegmentedControl
            aria-label="Measure"
            value={measure}
            onChange={setMeasure}
            data={[
              { value: 'seconds', label: 'Time' },
              { value: 'bytes', label: 'Bytes' },
            ]}
          />
        </Group>
      }
    >
      <ResponsiveContainer width="100%" height="100%" onResize={setWidth}>
        <BarChart data={bins} margin={{ top: 12, right: 8, bottom: 0, left: 0 }} barCategoryGap="15%">
          <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
          <XAxis
            dataKey="name"
            interval={skip}
            angle={-60}
            textAnchor="end"
            height={84}
            tickLine={false}
            tick={{ fontSize: 11 }}
          />
          <YAxis
            width={64}
            tickFormatter={(value: number) => (value === 0 ? '0' : text(value))}
            tickLine={false}
            axisLine={false}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--mantine-color-default-hover)' }}
            contentStyle={{
              background: 'var(--mantine-color-body)',
              border: '1px solid var(--mantine-color-default-border)',
              borderRadius: 4,
              fontSize: 12,
            }}
            formatter={(value, name) => [text(Number(value)), PART_TITLES[name as (typeof KINDS)[number]]]}
          />
          {KINDS.map((kind) => (
            <Bar key={kind} dataKey={kind} stackId="layer" fill={PART_COLOURS[kind]} isAnimationActive={false} />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </Figure>
  );
});
