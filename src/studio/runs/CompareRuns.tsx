/** Curves of the ticked runs over each other: one measure at a time, a colour and a dash a run, labelled at their ends. */
import { SegmentedControl, Stack } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { CartesianGrid, Label, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { compact, exactly, percent } from '../../domain/describe.ts';
import { Figure } from '../parts/Figure.tsx';
import { compareRows } from '../plots/compareRows.ts';
import type { Measure } from '../plots/compareRows.ts';
import { EndLabels } from '../plots/EndLabels.tsx';
import { loadHistory } from '../session.ts';
import { useRuns } from '../stores/runs.ts';

const COLOURS = [
  'var(--series-1)',
  'var(--series-2)',
  'var(--series-3)',
  'var(--method-reuse)',
  'var(--method-deepreduce)',
  'var(--method-dense)',
];
const DASHES = ['', '6 3', '2 3', '8 3 2 3'];

const MEASURES: { value: Measure; label: string }[] = [
  { value: 'validation', label: 'Validation' },
  { value: 'train', label: 'Training' },
  { value: 'test', label: 'Test' },
  { value: 'drelus', label: 'DReLUs' },
];

export function CompareRuns() {
  const [measure, setMeasure] = useState<Measure>('validation');
  const selected = useRuns((s) => s.selected);
  const all = useRuns((s) => s.runs);
  const histories = useRuns((s) => s.histories);
  useEffect(() => {
    for (const run of selected) void loadHistory(run);
  }, [selected]);
  const runs = useMemo(
    () =>
      selected.flatMap((id, i) => {
        const run = all?.find((candidate) => candidate.id === id);
        return run
          ? [
              {
                id,
                name: run.name,
                epochs: histories[id]?.epochs ?? [],
                colour: COLOURS[i % COLOURS.length],
                dash: DASHES[Math.floor(i / COLOURS.length) % DASHES.length],
              },
            ]
          : [];
      }),
    [selected, all, histories],
  );
  const rows = useMemo(() => compareRows(runs, measure), [runs, measure]);
  const format = measure === 'drelus' ? exactly : (value: number) => percent(value, 1);
  const short = (name: string) => (name.length > 22 ? `${name.slice(0, 21)}…` : name);
  const labels = runs.flatMap(({ id, name, colour }) => {
    const value = rows.findLast((row) => typeof row[id] === 'number')?.[id];
    return typeof value === 'number' ? [{ key: id, text: short(name), colour, value }] : [];
  });
  return (
    <Stack gap="xs">
      <Figure
        title="Compared"
        subtitle={
          measure === 'drelus' ? 'DReLUs at the end of each epoch' : 'Share of images right at the end of each epoch'
        }
        height={300}
        empty={labels.length === 0 ? 'None of the ticked runs has this measure yet.' : null}
        actions={<SegmentedControl aria-label="Measure" value={measure} onChange={setMeasure} data={MEASURES} />}
        table={{
          columns: ['Step', ...runs.map(({ name }) => name)],
          rows: () =>
            rows.map((row) => [
              exactly(row.step),
              ...runs.map(({ id }) => (typeof row[id] === 'number' ? format(row[id]) : '')),
            ]),
        }}
      >
        <ResponsiveContainer width="100%" height="100%" minWidth={0} initialDimension={{ width: 320, height: 300 }}>
          <LineChart
            data={rows}
            margin={{ top: 8, right: 160, bottom: 16, left: 8 }}
            accessibilityLayer
            title="Compared runs"
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis
              dataKey="step"
              type="number"
              domain={[0, 'dataMax']}
              tickFormatter={compact}
              stroke="var(--chart-ink)"
              tickLine={false}
              height={34}
              minTickGap={40}
            >
              <Label value="step" position="insideBottom" offset={-2} fontSize={12} />
            </XAxis>
            <YAxis
              domain={[0, measure === 'drelus' ? 'auto' : 1]}
              tickFormatter={(value: number) => (measure === 'drelus' ? compact(value) : percent(value, 0))}
              stroke="var(--chart-ink)"
              axisLine={false}
              tickLine={false}
              width={56}
            />
            <Tooltip
              isAnimationActive={false}
              formatter={(value) => format(Number(value))}
              labelFormatter={(label) => `step ${exactly(Number(label))}`}
              contentStyle={{
                background: 'var(--mantine-color-body)',
                borderColor: 'var(--mantine-color-default-border)',
                fontSize: 12,
                borderRadius: 4,
              }}
            />
            {runs.map(({ id, name, colour, dash }) => (
              <Line
                key={id}
                dataKey={id}
                name={name}
                stroke={colour}
                strokeDasharray={dash}
                strokeWidth={1.75}
                dot={{ r: 2, fill: colour, strokeWidth: 0 }}
                isAnimationActive={false}
                connectNulls
              />
            ))}
            <EndLabels labels={labels} />
          </LineChart>
        </ResponsiveContainer>
      </Figure>
    </Stack>
  );
}
