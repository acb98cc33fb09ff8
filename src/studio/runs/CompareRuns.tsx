/** Curves of the ticked runs over each other: one measure at a time, a colour and a dash a run, labelled at their ends. */
import { SegmentedControl } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { compact, exactly, percent } from '../../domain/describe.ts';
import { loadHistory } from '../lists.ts';
import { compareRows } from '../plots/compareRows.ts';
import type { Measure } from '../plots/compareRows.ts';
import { StepChart } from '../plots/StepChart.tsx';
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
  const selected = useRuns((s) => s.selected);
  const all = useRuns((s) => s.runs);
  const histories = useRuns((s) => s.histories);
  useEffect(() => {
    for (const run of selected) void loadHistory(run);
  }, [selected]);
  const series = useMemo(
    () =>
      selected.flatMap((id, i) => {
        const run = all?.find((candidate) => candidate.id === id);
        return run
          ? [
              {
                key: id,
                name: run.name,
                short: short(run.name),
                colour: COLOURS[i % COLOURS.length],
                dash: DASHES[Math.floor(i / COLOURS.length) % DASHES.length],
                dots: true,
              },
            ]
          : [];
      }),
    [selected, all],
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
      title="Compared"
      subtitle={counts ? 'DReLUs at the end of each epoch' : 'share of images right at the end of each epoch'}
      yLabel={counts ? 'DReLUs' : 'images right'}
      rows={rows}
      series={series}
      {...FORMATS[counts ? 'count' : 'share']}
      domain={counts ? FROM_ZERO : WHOLE}
      height={300}
      labelWidth={160}
      syncId={null}
      empty="None of the ticked runs has this measure yet."
      actions={<SegmentedControl aria-label="Measure" value={measure} onChange={setMeasure} data={MEASURES} />}
    />
  );
}
