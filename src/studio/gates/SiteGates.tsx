/** The correlation between the gates of one ReLU layer's channels, ordered so that similar channels are adjacent. */
import { SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { reordered } from '../../domain/correlation.ts';
import { percent, siteName } from '../../domain/describe.ts';
import type { AnalysedSite } from '../../worker/protocol.ts';
import { Matrix } from '../plots/Matrix.tsx';

export function SiteGates({ site }: { site: AnalysedSite }) {
  const [by, setBy] = useState<'cluster' | 'channel'>('cluster');
  const [channels] = site.shape;
  const order = useMemo(() => (by === 'cluster' ? site.order : site.order.map((_, c) => c)), [site, by]);
  const matrix = useMemo(
    () => reordered(Float64Array.from(site.correlation), channels, order),
    [site, channels, order],
  );
  const equivalent = site.pooled.matching * channels;
  const never = site.open.filter((share) => share === 0).length;
  const always = site.open.filter((share) => share === 1).length;
  return (
    <section aria-label={`Gates of ${siteName(site.id)}`}>
      <Text fw={600} size="sm">
        Gate correlation, {siteName(site.id)}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        Effective dimension {equivalent.toFixed(1)} of {channels} channels ({percent(site.pooled.matching, 1)}; shuffled{' '}
        {percent(site.pooled.shuffled, 1)}){never > 0 && `, ${never} gates never open`}
        {always > 0 && `, ${always} always open`}
      </Text>
      <SegmentedControl
        mb={6}
        aria-label="Order of channels"
        value={by}
        onChange={setBy}
        data={[
          { value: 'cluster', label: 'By cluster' },
          { value: 'channel', label: 'By channel' },
        ]}
      />
      <Matrix
        values={matrix}
        rows={channels}
        columns={channels}
        height={360}
        square
        most={1}
        colour="--method-mixed"
        negative="--method-snl"
        label={`Correlation of the gates of ${channels} channels, ordered ${by === 'cluster' ? 'by cluster' : 'by channel'}`}
        describe={(row, column) =>
          `channels ${order[row]} and ${order[column]}: r = ${matrix[row * channels + column].toFixed(3)}`
        }
      />
      <Text size="xs" c="dimmed">
        Blue: gates that open together; orange: one opens where the other is closed.
      </Text>
    </section>
  );
}
