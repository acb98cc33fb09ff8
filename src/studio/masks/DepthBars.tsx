/** Kept DReLUs over depth: a bar a site in its stage's colour, its outline the neurons there are. Bars choose the site. */
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { compact, exactly, percent, siteName } from '../../domain/describe.ts';
import type { InspectedSite } from '../../worker/protocol.ts';
import { shortSite } from '../parts/names.ts';
import { stageColour } from '../parts/StageColours.tsx';
import { linearScale, linearTicks } from '../plots/axes.ts';
import { PlotButton } from '../plots/PlotButton.tsx';
import './masks.css';

const MARGIN = { top: 8, right: 8, bottom: 44, left: 52 };

export const tellSite = ({ id, drelus, neurons }: InspectedSite) =>
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
  const y = linearScale(linearTicks(0, Math.max(1, ...sites.map(({ neurons }) => neurons)), 4), [
    height - MARGIN.bottom,
    MARGIN.top,
  ]);
  const step = (width - MARGIN.left - MARGIN.right) / Math.max(1, sites.length);
  const told = sites.find(({ id }) => id === (pointed ?? selected));
  return (
    <div ref={ref} className="depth-bars">
      <svg width={width} height={height} role="group" aria-label="Kept DReLUs of each site, in forward order">
        {y.ticks.map((tick) => (
          <g key={tick} transform={`translate(0,${y(tick)})`}>
            <line x1={MARGIN.left} x2={width - MARGIN.right} stroke="var(--chart-grid)" />
            <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end">
              {compact(tick)}
            </text>
          </g>
        ))}
        <text transform={`translate(12,${(height - MARGIN.bottom + MARGIN.top) / 2}) rotate(-90)`} textAnchor="middle">
          DReLUs
        </text>
        {sites.map((site, i) => {
          const x = MARGIN.left + i * step;
          const bar = Math.max(2, Math.min(26, step * 0.7));
          return (
            <PlotButton
              key={site.id}
              label={tellSite(site)}
              pressed={site.id === selected}
              className="depth-bar"
              transform={`translate(${x + (step - bar) / 2},0)`}
              onChoose={() => onSelect(site.id)}
              onPoint={(here) => setPointed(here ? site.id : null)}
            >
              <rect x={-(step - bar) / 2} y={MARGIN.top} width={step} height={height - MARGIN.top} fill="transparent" />
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
              {(step > 34 || i % Math.ceil(34 / step) === 0) && (
                <text x={bar / 2} y={y(0) + 18} textAnchor="middle">
                  {shortSite(site.id)}
                </text>
              )}
            </PlotButton>
          );
        })}
        <text x={(MARGIN.left + width) / 2} y={height - 6} textAnchor="middle">
          Site, from the input on (1.0·2 is layer1.0.gate2)
        </text>
      </svg>
      <div className="matrix-told figures" role="status">
        {told && tellSite(told)}
      </div>
    </div>
  );
}
