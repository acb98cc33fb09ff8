/** Stage widths in the Design tab: the equalizer's settings and solutions, and all candidates over ReLUs and MACs. */
import { Button, Stack, Text } from '@mantine/core';
import { memo, useDeferredValue, useMemo } from 'react';
import { Term } from '../parts/Term.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import classes from './Design.module.css';
import { EqualizerSettings } from './EqualizerSettings.tsx';
import { FlopsPlot } from './FlopsPlot.tsx';
import type { IsoPhase } from './FlopsPlot.tsx';
import { frameOf } from './isoLatency.ts';
import type { Range } from './isoLatency.ts';
import { orderText } from './order.ts';
import { setNetwork } from './setNetwork.ts';
import { SolutionsTable } from './SolutionsTable.tsx';
import { useCandidates } from './useCandidates.ts';
import type { Candidates } from './useCandidates.ts';
import { useChosen } from './useChosen.ts';
import { setStages } from './widthActions.ts';

const setIso = (iso: IsoPhase) => useDesign.getState().patch({ iso });
const use = ({ widths }: { widths: number[] }) => setNetwork({ widths: [...widths] });

/** The range of the axes around the candidates and the experiment's network; compared by value, because a slider calls it often. */
function useFrame(candidates: Candidates | null): { x: Range; y: Range } | null {
  const chosen = useChosen();
  const points = candidates?.curves.flatMap((curve) => curve.points) ?? [];
  const own = chosen ? [chosen] : [];
  const xs = [...points.map((p) => p.drelus), ...own.flatMap((p) => [p.relus, Math.max(p.drelusAfter, p.relus / 100)])];
  const ys = [...points, ...own].map((p) => p.macs);
  const key = xs.length > 0 ? JSON.stringify({ x: frameOf(xs), y: frameOf(ys) }) : null;
  return useMemo(() => (key === null ? null : (JSON.parse(key) as { x: Range; y: Range })), [key]);
}

/** The solutions, or how to get some. */
const Solutions = memo(function Solutions({ candidates }: { candidates: Candidates }) {
  const blocks = useExperiment((s) => s.experiment.network.blocks);
  const { rows, left, order, equalization } = candidates;
  const conditions = equalization.inequalities.map((inequality) => inequality.text).join(',  ');
  return (
    <section aria-label="Equalizer">
      <Text size="sm" fw={600}>
        <Term of="equalization">Equalized</Term> stage widths
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {orderText(order)} for φ = {blocks.join(', ')} requires {conditions}. {rows.length}{' '}
        {rows.length === 1 ? 'solution' : 'solutions'}
        {left > 0 && `, ${left} more outside the limits`}
        {!equalization.complete && '; the search was stopped early, more may exist'}.
      </Text>
      {rows.length > 0 ? (
        <SolutionsTable rows={rows} onUse={use} />
      ) : left > 0 ? (
        <EmptyState
          title="No solution within these limits"
          action={
            <Button variant="default" onClick={() => useDesign.getState().patch({ maxRelus: null, maxMacs: null })}>
              Remove limits
            </Button>
          }
        >
          Raise the limit on ReLUs or MACs, or lower the base channels m.
        </EmptyState>
      ) : (
        <EmptyState title="No solution within these limits">Raise the max multiplier, or change the order.</EmptyState>
      )}
    </section>
  );
});

/** The frame may lag behind, so that the plot does not block a slider. */
function Plot({ candidates }: { candidates: Candidates }) {
  const frame = useDeferredValue(useFrame(candidates));
  const iso = useDesign((s) => s.iso);
  return frame && <FlopsPlot curves={candidates.curves} x={frame.x} y={frame.y} iso={iso} onIso={setIso} onUse={use} />;
}

export function WidthsPart() {
  const candidates = useCandidates();
  if (!candidates)
    return (
      <EmptyState title="Only one stage" action={<Button onClick={() => setStages(2)}>Use two stages</Button>}>
        The equalizer requires at least two stages: add one in step 2, Network.
      </EmptyState>
    );
  return (
    <div className={classes.split}>
      <aside className={classes.settings} aria-label="Equalizer settings">
        <EqualizerSettings />
      </aside>
      <Stack gap="lg" miw={0}>
        <Solutions candidates={candidates} />
        <Plot candidates={candidates} />
      </Stack>
    </div>
  );
}
