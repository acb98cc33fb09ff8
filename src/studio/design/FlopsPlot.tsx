/**
 * FLOPs over ReLUs: candidate networks over (ReLUs, MACs), both logarithmic, with lines of equal latency. The families BaseCh,
 * StageCh and HybReNet are curves; the experiment's network is marked, with an arrow to the DReLUs that its methods leave (Figures
 * 3 and 4 of DeepReShape for the user's own settings). Choosing a point makes it the network of the experiment.
 */
import { Group, SegmentedControl, Text } from '@mantine/core';
import { memo, useMemo } from 'react';
import { CartesianGrid, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts';
import { compact, exactly, macs, percent, seconds } from '../../domain/describe.ts';
import type { GlossaryKey } from '../glossary.ts';
import { Figure } from '../parts/Figure.tsx';
import { Term } from '../parts/Term.tsx';
import { Mark } from '../parts/MethodMark.tsx';
import type { MarkShape } from '../parts/MethodMark.tsx';
import { PlotButton } from '../plots/PlotButton.tsx';
import tooltip from '../plots/StepChart.module.css';
import classes from './Design.module.css';
import { Chosen, CurveTitles, IsoLines } from './FlopsOverlay.tsx';
import type { Candidate, FamilyCurve, FamilyKind } from './families.ts';
import { logTicks } from '../plots/scales.ts';
import { fitPlane } from './isoLatency.ts';
import type { Range } from './isoLatency.ts';

export type IsoPhase = 'both' | 'offline' | 'online';

export const FAMILY_STYLES: Record<
  FamilyKind,
  { colour: string; shape: MarkShape; dash?: string; term: GlossaryKey; about: string }
> = {
  BaseCh: { colour: 'var(--family-base)', shape: 'circle', term: 'baseCh', about: ': m varied' },
  StageCh: {
    colour: 'var(--family-stage)',
    shape: 'square',
    dash: '4 3',
    term: 'stageCh',
    about: ': α = β = γ varied',
  },
  HybReNet: { colour: 'var(--family-hybrid)', shape: 'diamond', term: 'hybrenet', about: ': m varied' },
};

interface Props {
  curves: FamilyCurve[];
  /** Frame of the plot; both axes logarithmic. */
  x: Range;
  y: Range;
  iso: IsoPhase;
  onIso(iso: IsoPhase): void;
  onUse(candidate: Candidate): void;
}

const secondsOf = (point: { offlineSeconds: number; onlineSeconds: number }, phase: IsoPhase) =>
  (phase === 'online' ? 0 : point.offlineSeconds) + (phase === 'offline' ? 0 : point.onlineSeconds);

function Hover({ active, payload }: { active?: boolean; payload?: readonly { payload?: unknown }[] }) {
  const point = payload?.[0]?.payload as Candidate | undefined;
  if (!active || !point) return null;
  return (
    <div className={tooltip.crosshair}>
      <Text size="xs" fw={600}>
        {point.title}
      </Text>
      <Text size="xs" c="dimmed">
        {point.widths.join(' / ')}
      </Text>
      <Text size="xs">
        {compact(point.drelus)} ReLUs, {macs(point.macs)}
      </Text>
      <Text size="xs">
        {seconds(point.offlineSeconds)} offline, {seconds(point.onlineSeconds)} online
      </Text>
      <Text size="xs" c="dimmed">
        Click to use this network
      </Text>
    </div>
  );
}

interface PointProps {
  cx?: number;
  cy?: number;
  index?: number;
  payload?: Candidate;
}

const describe = (point: Candidate) =>
  `Use ${point.title}, widths ${point.widths.join(', ')}: ${compact(point.drelus)} ReLUs, ${macs(point.macs)}, ${seconds(point.offlineSeconds)} offline, ${seconds(point.onlineSeconds)} online`;

export const FlopsPlot = memo(function FlopsPlot({ curves, x, y, iso, onIso, onUse }: Props) {
  const candidates = useMemo(() => curves.flatMap((curve) => curve.points), [curves]);
  const plane = useMemo(
    () =>
      fitPlane(candidates.map((point) => ({ relus: point.drelus, macs: point.macs, seconds: secondsOf(point, iso) }))),
    [candidates, iso],
  );
  const levels = logTicks(
    Math.min(...candidates.map((p) => secondsOf(p, iso))),
    Math.max(...candidates.map((p) => secondsOf(p, iso))),
    Infinity,
  );
  const words = { both: 'in total', offline: 'offline', online: 'online' }[iso];

  return (
    <Figure
      title="FLOPs over ReLUs"
      subtitle={plane ? `dotted: equal latency ${words}, fitted within ${percent(plane.error, 0)}` : undefined}
      height={400}
      table={{
        columns: ['Family', 'Network', 'Widths', 'ReLUs', 'MACs', 'Offline', 'Online'],
        rows: () =>
          curves.flatMap((curve) =>
            curve.points.map((p) => [
              p.kind,
              p.title,
              p.widths.join(' / '),
              exactly(p.drelus),
              exactly(p.macs),
              seconds(p.offlineSeconds),
              seconds(p.onlineSeconds),
            ]),
          ),
      }}
      actions={
        <SegmentedControl
          aria-label="Lines of equal latency"
          value={iso}
          onChange={onIso}
          data={[
            { value: 'both', label: 'Both' },
            { value: 'offline', label: 'Offline' },
            { value: 'online', label: 'Online' },
          ]}
        />
      }
      legend={
        <Group gap="md" component="ul" m={0} p={0} mb={4} style={{ listStyle: 'none' }}>
          {(Object.keys(FAMILY_STYLES) as FamilyKind[]).map((kind) => {
            const style = FAMILY_STYLES[kind];
            return (
              <Group key={kind} gap={6} component="li" wrap="nowrap">
                <svg width={22} height={12} viewBox="-11 -6 22 12" aria-hidden>
                  <path d="M-11,0H11" stroke={style.colour} strokeWidth={1.5} strokeDasharray={style.dash} />
                  <Mark shape={style.shape} colour={style.colour} r={3.4} />
                </svg>
                <Text size="xs" c="dimmed">
                  <Term of={style.term} />
                  {style.about}
                </Text>
              </Group>
            );
          })}
        </Group>
      }
    >
      <ResponsiveContainer width="100%" height="100%">
        <ScatterChart margin={{ top: 12, right: 20, bottom: 18, left: 12 }}>
          <CartesianGrid stroke="var(--chart-grid)" />
          <XAxis
            type="number"
            dataKey="drelus"
            scale="log"
            domain={[x.from, x.to]}
            allowDataOverflow
            ticks={logTicks(x.from, x.to, Infinity)}
            tickFormatter={compact}
            tickLine={false}
            label={{ value: 'ReLUs of the dense network', position: 'insideBottom', offset: -12 }}
          />
          <YAxis
            type="number"
            dataKey="macs"
            scale="log"
            domain={[y.from, y.to]}
            allowDataOverflow
            ticks={logTicks(y.from, y.to, Infinity)}
            tickFormatter={compact}
            width={58}
            tickLine={false}
            label={{ value: 'MACs', angle: -90, position: 'insideLeft', offset: 0 }}
          />
          {plane && <IsoLines plane={plane} levels={levels} x={x} y={y} />}
          <Tooltip isAnimationActive={false} cursor={false} content={<Hover />} />
          {curves.map((curve) => {
            const style = FAMILY_STYLES[curve.kind];
            return (
              <Scatter
                key={`${curve.kind} ${curve.title}`}
                name={curve.title}
                data={curve.points}
                isAnimationActive={false}
                line={{ stroke: style.colour, strokeWidth: 1.5, strokeDasharray: style.dash }}
                shape={({ cx, cy, payload, index }: PointProps) =>
                  payload && (
                    <PlotButton
                      label={describe(payload)}
                      className={classes.point}
                      tabStop={index === 0}
                      onChoose={() => onUse(payload)}
                    >
                      <circle cx={cx} cy={cy} r={9} fill="transparent" />
                      <Mark shape={style.shape} colour={style.colour} x={cx} y={cy} r={3.6} />
                    </PlotButton>
                  )
                }
              />
            );
          })}
          <CurveTitles curves={curves} />
          <Chosen from={x.from} />
        </ScatterChart>
      </ResponsiveContainer>
    </Figure>
  );
});
