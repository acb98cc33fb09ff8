/**
 * A drawing of a gate map: one row per ReLU layer from input to output, one cell per channel. Prototype channels are tall, replicate
 * channels short, both in the colour of the prototype whose DReLU they use; an arrow leads from a layer to the layers that share its
 * DReLUs.
 */
import { memo, useMemo } from 'react';
import { siteName } from '../../domain/describe.ts';
import { gateOf } from '../../domain/gateMap.ts';
import type { Gate, GateMap } from '../../domain/gateMap.ts';
import { sitesOf } from '../../domain/network.ts';
import type { NetworkSpec, Site } from '../../domain/network.ts';
import { shortSite } from '../parts/names.ts';
import { stageColour } from '../parts/StageColours.tsx';
import classes from './GateMap.module.css';

const ROW = 20;
const LABEL = 52;
const ARROWS = 44;
const BAR = 15;
const LOW = 8;
/** Most cells in a row: wider layers show evenly spread channels. */
const MAX_CELLS = 48;

/** Distinct colours for neighbouring prototypes: hues in steps of the golden angle at one lightness. */
const prototypeColour = (index: number) => `oklch(var(--prototype-lightness) 0.13 ${(index * 137.5 + 25) % 360})`;

interface Cell {
  channel: number;
  source: number;
  /** Index of the prototype among those of its layer, for its colour. */
  index: number;
  own: boolean;
}

/** The channels that are drawn: all, or evenly spread ones. */
const drawnChannels = (channels: number) =>
  channels <= MAX_CELLS
    ? Array.from({ length: channels }, (_, c) => c)
    : Array.from({ length: MAX_CELLS }, (_, i) => Math.floor((i * channels) / MAX_CELLS));

function cellsOf(gate: Gate, owner: Gate, channels: number): Cell[] {
  if (gate.kind !== 'share') return [];
  const lent = owner.kind === 'share' ? owner.prototypes : gate.source;
  const index = new Map(lent.map((channel, i) => [channel, i]));
  const own = new Set(gate.prototypes);
  return drawnChannels(channels).map((channel) => {
    const source = gate.source[channel];
    return { channel, source, index: index.get(source) ?? source, own: own.has(channel) };
  });
}

export function describeGate(gate: Gate, site: Site): string {
  const [channels] = site.shape;
  switch (gate.kind) {
    case 'relu':
      return `${channels} ReLU channels`;
    case 'identity':
      return 'linear';
    case 'mask':
      return `${channels} channels, one mask per ${gate.granularity === 'pixel' ? 'neuron' : 'channel'}`;
    case 'share':
      if (gate.from) return `${channels} channels share the DReLUs of ${siteName(gate.from)}`;
      return `${gate.prototypes.length} ${gate.prototypes.length === 1 ? 'prototype' : 'prototypes'}${gate.masked ? ' with masks' : ''}, ${channels - gate.prototypes.length} replicates`;
  }
}

export interface GateMapDrawingProps {
  network: NetworkSpec;
  gates: GateMap;
  width?: number;
}

export const GateMapDrawing = memo(function GateMapDrawing({ network, gates, width = 320 }: GateMapDrawingProps) {
  const rows = useMemo(() => {
    const sites = sitesOf(network);
    const at = new Map(sites.map(({ id }, i) => [id, i]));
    return sites.map((site) => {
      const gate = gateOf(gates, site.id);
      const from = gate.kind === 'share' ? gate.from : null;
      return {
        site,
        gate,
        owner: from === null ? null : (at.get(from) ?? null),
        cells: cellsOf(gate, gateOf(gates, from ?? site.id), site.shape[0]),
      };
    });
  }, [network, gates]);
  const borrowing = rows.some(({ owner }) => owner !== null);
  const barWidth = width - LABEL - (borrowing ? ARROWS : 4);
  const lanes = useMemo(() => lanesOf(rows.map(({ owner }) => owner)), [rows]);

  return (
    <svg
      className={classes.map}
      width="100%"
      viewBox={`0 0 ${width} ${rows.length * ROW + 6}`}
      role="list"
      aria-label="Gate map: ReLU layers in order with prototype and replicate channels"
    >
      <defs>
        <marker
          id="gate-map-arrow"
          viewBox="0 0 6 6"
          refX="5"
          refY="3"
          markerWidth="6"
          markerHeight="6"
          orient="auto-start-reverse"
        >
          <path d="M0,0L6,3L0,6Z" fill="var(--chart-ink)" />
        </marker>
      </defs>
      {rows.map(({ site, gate, cells }, i) => {
        const top = i * ROW + 3;
        const step = barWidth / Math.max(1, cells.length);
        return (
          <g
            key={site.id}
            transform={`translate(0,${top})`}
            role="listitem"
            aria-label={`${siteName(site.id)}: ${describeGate(gate, site)}`}
          >
            <title>{`${siteName(site.id)}: ${describeGate(gate, site)}`}</title>
            <rect x={0} y={2} width={3} height={BAR - 4} fill={stageColour(site.stage)} />
            <text x={8} y={BAR / 2} dy="0.35em">
              {shortSite(site.id)}
            </text>
            <g transform={`translate(${LABEL},0)`}>
              {gate.kind === 'relu' && (
                <rect width={barWidth} height={BAR} fill={stageColour(site.stage)} fillOpacity={0.8} />
              )}
              {gate.kind === 'mask' && (
                <rect width={barWidth} height={BAR} fill={stageColour(site.stage)} fillOpacity={0.35} />
              )}
              {gate.kind === 'identity' && <line x2={barWidth} y1={BAR / 2} y2={BAR / 2} className={classes.linear} />}
              {cells.map(({ channel, source, index, own }, k) => (
                <rect
                  key={channel}
                  x={k * step}
                  y={own ? 0 : BAR - LOW}
                  width={Math.max(0.6, step - (step > 3 ? 1 : 0.3))}
                  height={own ? BAR : LOW}
                  fill={prototypeColour(index)}
                  fillOpacity={own ? 1 : 0.55}
                >
                  <title>
                    {own
                      ? `channel ${channel}, prototype`
                      : `channel ${channel} shares the DReLU of channel ${source}${gate.kind === 'share' && gate.from ? ` of ${gate.from}` : ''}`}
                  </title>
                </rect>
              ))}
            </g>
          </g>
        );
      })}
      {rows.map(({ site, owner }, i) => {
        if (owner === null) return null;
        const x = LABEL + barWidth + 3;
        const [from, to] = [owner * ROW + 3 + BAR / 2, i * ROW + 3 + BAR / 2];
        const reach = x + 8 + lanes[i] * 7;
        return (
          <path
            key={site.id}
            className={classes.arrow}
            d={`M${x},${from}H${reach}V${to}H${x + 2}`}
            markerEnd="url(#gate-map-arrow)"
          />
        );
      })}
    </svg>
  );
});

/** The lane of the arrow into each row, so that arrows from different layers do not overlap. */
export function lanesOf(owners: (number | null)[]): number[] {
  const busyUntil: { owner: number; row: number }[] = [];
  return owners.map((owner, row) => {
    if (owner === null) return 0;
    // Arrows from one layer share a lane.
    let lane = busyUntil.findIndex((busy) => busy.owner === owner);
    if (lane < 0) lane = busyUntil.findIndex((busy) => busy.row < owner);
    if (lane < 0) lane = busyUntil.length;
    busyUntil[lane] = { owner, row };
    return Math.min(lane, 4);
  });
}
