/** Kept DReLUs over depth: one bar per ReLU layer in the colour of its stage, its outline all neurons. A bar selects its layer. */
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { compact, exactly, percent, siteName } from '../../domain/describe.ts';
import type { InspectedSite } from '../../worker/protocol.ts';
import { shortSite } from '../parts/names.ts';
import { stageColour } from '../parts/StageColours.tsx';
import { CategoryAxis, VerticalAxis } from '../plots/Axis.tsx';
import type { PlotFrame } from '../plots/Axis.tsx';
import { linearScale, linearTicks } from '../plots/scales.ts';
import { PlotButton } from '../plots/PlotButton.tsx';
import classes from './DepthBars.module.css';
import caption from '../plots/caption.module.css';

const MARGIN = { top: 8, right: 8, bottom: 44, left: 52 };

export const siteText = ({ id, drelus, neurons }: InspectedSite) =>
  `${siteName(id)}: ${exactly(drelus)} of ${exactly(neurons)} DReLUs kept, ${percent(neurons ? drelus / neurons : 0)}`;

export interface DepthBarsProps {
  sites: InspectedSite[];
  selected: string;
  onSelect(site: string): void;
  height: number;
}

export function DepthBars({ sites, selected, onSelect, height }: DepthBarsProps) {
  const { ref, width: measured } = useElementSize();
  const [pointed, setPointed] = useState<string | null>(null);
  const width = Math.max(280, measured);
  const frame: PlotFrame = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const y = linearScale(linearTicks(0, Math.max(1, ...sites.map(({ neurons }) => neurons)), 4), [
    frame.bottom,
    frame.top,
  ]);
  const step = (frame.right - frame.left) / Math.max(1, sites.length);
  const described = sites.find(({ id }) => id === (pointed ?? selected));
  return (
    <div ref={ref} className={classes.bars}>
      <svg width={width} height={height} role="group" aria-label="Kept DReLUs per ReLU layer, input to output">
        <VerticalAxis scale={y} frame={frame} format={compact} title="DReLUs" />
        <CategoryAxis
          names={sites.map(({ id }) => [id, shortSite(id)])}
          frame={frame}
          title="ReLU layer, input to output (1.0·2 is layer1.0.gate2)"
        />
        <g data-roving>
          {sites.map((site, i) => {
            const x = MARGIN.left + i * step;
            const bar = Math.max(2, Math.min(26, step * 0.7));
            return (
              <PlotButton
                key={site.id}
                label={siteText(site)}
                pressed={site.id === selected}
                tabStop={site.id === selected}
                className={classes.bar}
                transform={`translate(${x + (step - bar) / 2},0)`}
                onChoose={() => onSelect(site.id)}
                onPoint={(here) => setPointed(here ? site.id : null)}
              >
                <rect
                  x={-(step - bar) / 2}
                  y={MARGIN.top}
                  width={step}
                  height={height - MARGIN.top}
                  fill="transparent"
                />
                <rect
                  y={y(site.neurons)}
                  width={bar}
                  height={y(0) - y(site.neurons)}
                  fill="none"
                  stroke={stageColour(site.stage)}
                  strokeOpacity={0.45}
                />
                <rect y={y(site.drelus)} width={bar} height={y(0) - y(site.drelus)} fill={stageColour(site.stage)} />
                {site.id === selected && (
                  <rect x={0} y={y(0) + 2} width={bar} height={3} fill="var(--mantine-color-text)" />
                )}
              </PlotButton>
            );
          })}
        </g>
      </svg>
      <div className={caption.text} role="status">
        {described && siteText(described)}
      </div>
    </div>
  );
}
