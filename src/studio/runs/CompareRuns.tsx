/** Curves of the selected runs in one chart: one measure at a time, one colour and dash pattern per run, labelled at the ends. */
import { SegmentedControl } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { compact, exactly, percent } from '../../domain/describe.ts';
import { loadHistory } from '../lists.ts';
import { compareRows } from '../plots/compareRows.ts';
import type { Measure } from '../plots/compareRows.ts';
import { StepChart } from '../plots/StepChart.tsx';
import { comparedRunsOf, useRuns } from '../stores/runs.ts';

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

const shareText = (share: number) => percent(share, 1);
const shareTick = (share: number) => percent(share, 0);
const FORMATS: Record<'share' | 'count', { format(value: number): string; tick(value: number): string }> = {
  share: { format: shareText, tick: shareTick },
  count: { format: exactly, tick: compact },
};
const WHOLE: [number, number] = [0, 1];
const FROM_ZERO: [number, 'auto'] = [0, 'auto'];

const short = (name: string) => (name.length > 22 ? `${name.slice(0, 21)}…` : name);

export function CompareRuns() {
  const [measure, setMeasure] = useState<Measure>('validation');
  const selected = useRuns(useShallow(comparedRunsOf));
  const histories = useRuns((s) => s.histories);
  useEffect(() => {
    for (const { id } of selected) void loadHistory(id);
  }, [selected]);
  const series = useMemo(
    () =>
      selected.map(({ id, name }, i) => ({
        key: id,
        name,
        short: short(name),
        colour: COLOURS[i % COLOURS.length],
        dash: DASHES[Math.floor(i / COLOURS.length) % DASHES.length],
        dots: true,
      })),
    [selected],
  );
  const rows = useMemo(
    () =>
      compareRows(
        series.map(({ key }) => ({ key, epochs: histories[key]?.epochs ?? [] })),
        measure,
      ),
    [series, histories, measure],
  );
  const counts = measure === 'drelus';
  return (
    <StepChart
      title="Comparison"
      subtitle={counts ? 'DReLUs at the end of each epoch' : 'accuracy at the end of each epoch'}
      yLabel={counts ? 'DReLUs' : 'accuracy'}
      rows={rows}
      series={series}
      {...FORMATS[counts ? 'count' : 'share']}
      domain={counts ? FROM_ZERO : WHOLE}
      height={300}
      labelWidth={160}
      syncId={null}
      empty="None of the selected runs has reported this measure yet."
      actions={<SegmentedControl aria-label="Measure" value={measure} onChange={setMeasure} data={MEASURES} />}
    />
  );
}
