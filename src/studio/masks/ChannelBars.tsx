/** Kept positions per channel as bars on a canvas, in channel order or by rank; explored by pointer or with the arrow keys. */
import { SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { exactly, percent } from '../../domain/describe.ts';
import { useCanvas } from '../plots/canvas.ts';
import type { Surface } from '../plots/canvas.ts';
import { useGridCursor } from '../plots/useGridCursor.ts';
import matrix from '../plots/Matrix.module.css';
import classes from './Masks.module.css';
import caption from '../plots/caption.module.css';

const HEIGHT = 96;

export function ChannelBars({ kept, positions, stage }: { kept: number[]; positions: number; stage: number }) {
  const [order, setOrder] = useState<'channel' | 'rank'>('channel');
  const { cell, pointer, keyboard } = useGridCursor(1, kept.length);
  const channels = useMemo(() => {
    const all = kept.map((_, c) => c);
    return order === 'rank' ? all.sort((a, b) => kept[b] - kept[a]) : all;
  }, [kept, order]);
  const draw = useCallback(
    ({ context, width, height, scale, colour }: Surface) => {
      const step = width / channels.length;
      const gap = step > 4 * scale ? scale : 0;
      context.fillStyle = colour(`--stage-${Math.min(6, stage)}`);
      channels.forEach((channel, i) => {
        const left = Math.round(i * step);
        const right = Math.max(left + 1, Math.round((i + 1) * step) - gap);
        const tall = Math.round((kept[channel] / positions) * height);
        context.fillRect(left, height - tall, right - left, tall);
      });
    },
    [channels, kept, positions, stage],
  );
  const canvas = useCanvas(draw);
  const channel = cell ? channels[cell.column] : null;
  const whole = kept.filter((n) => n === positions).length;
  const empty = kept.filter((n) => n === 0).length;
  const summary = `${exactly(whole)} channels keep all ${exactly(positions)} positions, ${exactly(empty)} keep none`;
  const describe = (c: number) =>
    `channel ${c}: ${exactly(kept[c])} of ${exactly(positions)} positions, ${percent(kept[c] / positions)}`;
  return (
    <div>
      <div className={classes.pictureTitle}>
        Kept per channel
        <SegmentedControl
          size="xs"
          aria-label="Order of channels"
          value={order}
          onChange={setOrder}
          data={[
            { value: 'channel', label: 'In order' },
            { value: 'rank', label: 'By rank' },
          ]}
        />
      </div>
      <button
        type="button"
        className={matrix.button}
        aria-label={`Kept positions of ${kept.length} channels, 0 to ${positions}. ${channel === null ? `${summary}. Use the arrow keys to explore.` : describe(channel)}`}
        {...keyboard}
      >
        <canvas ref={canvas} className={classes.channelBars} style={{ height: HEIGHT }} {...pointer} />
        {cell && (
          <span
            className={matrix.cursor}
            aria-hidden
            style={{
              left: `${(cell.column / kept.length) * 100}%`,
              top: 0,
              width: `${100 / kept.length}%`,
              height: '100%',
            }}
          />
        )}
      </button>
      <div className={caption.text} aria-hidden>
        {channel === null ? summary : describe(channel)}
      </div>
    </div>
  );
}
