/** Kept positions of each channel as bars on a canvas, in channel order or by rank. */
import { SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import { exactly, percent } from '../../domain/describe.ts';
import { useCanvas } from '../plots/canvas.ts';
import type { Surface } from '../plots/canvas.ts';

const HEIGHT = 96;

export function ChannelBars({ kept, positions, stage }: { kept: number[]; positions: number; stage: number }) {
  const [order, setOrder] = useState<'channel' | 'rank'>('channel');
  const [pointed, setPointed] = useState<number | null>(null);
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
  const point = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(
      Math.max(
        0,
        Math.min(channels.length - 1, Math.floor(((event.clientX - box.left) / box.width) * channels.length)),
      ),
    );
  };
  const channel = pointed === null ? null : channels[pointed];
  const whole = kept.filter((n) => n === positions).length;
  const empty = kept.filter((n) => n === 0).length;
  return (
    <div>
      <div className="site-part-title">
        Kept a channel
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
      <canvas
        ref={canvas}
        className="channel-bars"
        style={{ height: HEIGHT }}
        role="img"
        aria-label={`Kept positions of ${kept.length} channels, 0 to ${positions}: ${whole} wholly kept, ${empty} wholly linear`}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      />
      <div className="matrix-told figures">
        {channel === null
          ? `${exactly(whole)} channels keep all ${exactly(positions)} positions, ${exactly(empty)} keep none`
          : `channel ${channel}: ${exactly(kept[channel])} of ${exactly(positions)} positions, ${percent(kept[channel] / positions)}`}
      </div>
    </div>
  );
}
