/** One ReLU layer: the neurons that keep their DReLU, as channels × positions and as the mean over channels in the image plane. */
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { exactly, percent, siteName } from '../../domain/describe.ts';
import { gateOf } from '../../domain/gateMap.ts';
import type { GateMap } from '../../domain/gateMap.ts';
import type { InspectedSite } from '../../worker/protocol.ts';
import { Matrix } from '../plots/Matrix.tsx';
import { describeGate } from '../sharing/GateMapDrawing.tsx';
import { ChannelBars } from './ChannelBars.tsx';
import classes from './Masks.module.css';
import { keptByChannel, keptByPosition } from './siteSums.ts';

export function SiteDetail({ site, gates }: { site: InspectedSite; gates: GateMap }) {
  const [channels, height, width] = site.shape;
  const byChannel = useMemo(() => keptByChannel(site), [site]);
  const byPosition = useMemo(() => keptByPosition(site), [site]);
  const gate = gateOf(gates, site.id);
  const colour = `--stage-${Math.min(6, site.stage)}`;
  const most = Math.max(...byPosition) / channels;
  const affine = (c: number) =>
    gate.kind === 'share' && site.scale && site.shift && !gate.prototypes.includes(c)
      ? `\nshares the DReLU of channel ${gate.source[c]}, scale ${site.scale[c].toFixed(3)}, shift ${site.shift[c].toFixed(3)}`
      : '';
  return (
    <section aria-label={siteName(site.id)}>
      <Text fw={600} size="sm">
        {siteName(site.id)}{' '}
        <Text span inherit size="xs" fw={400} c="dimmed">
          {site.id}
        </Text>
      </Text>
      <Text size="xs" c="dimmed" mb={8}>
        {channels} × {height} × {width}, {describeGate(gate, site)}: {exactly(site.drelus)} of {exactly(site.neurons)}{' '}
        DReLUs kept ({percent(site.drelus / site.neurons)}), {exactly(site.multiplications)} multiplications
      </Text>
      <div className={classes.pictures}>
        <div style={{ minWidth: 0 }}>
          <div className={classes.pictureTitle}>Channels (down) × positions (across)</div>
          <Matrix
            values={site.kept}
            rows={channels}
            columns={height * width}
            height={260}
            most={1}
            colour={colour}
            label={`Kept neurons of ${siteName(site.id)}, ${channels} channels by ${height * width} positions`}
            describe={(c, p) =>
              `channel ${c}, y ${Math.floor(p / width)}, x ${p % width}: ${site.kept[c * height * width + p] ? 'DReLU kept' : 'no DReLU'}${affine(c)}`
            }
          />
        </div>
        <div>
          <div className={classes.pictureTitle}>Mean over channels</div>
          <Matrix
            values={byPosition.map((n) => n / channels)}
            rows={height}
            columns={width}
            height={260}
            square
            most={Math.max(most, 1e-9)}
            colour={colour}
            label={`Share of channels kept at each of ${height} by ${width} positions`}
            describe={(y, x) =>
              `y ${y}, x ${x}: ${byPosition[y * width + x]} of ${channels} channels, ${percent(byPosition[y * width + x] / channels)}`
            }
          />
        </div>
      </div>
      <ChannelBars kept={byChannel} positions={height * width} stage={site.stage} />
    </section>
  );
}
