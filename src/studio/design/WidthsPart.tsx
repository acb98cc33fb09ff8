/** The Design tab's stage widths: what the equalizer is asked, its solutions, and all candidates over ReLUs and MACs. */
import { Button, Stack, Text } from '@mantine/core';
import { memo, useDeferredValue, useMemo } from 'react';
import { EmptyState } from '../parts/EmptyState.tsx';
import { useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import classes from './Design.module.css';
import { EqualizerSettings } from './EqualizerSettings.tsx';
import './families.css';
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

/** Frames the candidates and the experiment's own network; by value, since it is asked for at every move of a slider. */
function useFrame(candidates: Candidates | null): { x: Range; y: Range } | null {
  const chosen = useChosen();
  const points = candidates?.curves.flatMap((curve) => curve.points) ?? [];
  const own = chosen ? [chosen] : [];
  const xs = [...points.map((p) => p.drelus), ...own.flatMap((p) => [p.relus, Math.max(p.drelusAfter, p.relus / 100)])];
  const ys = [...points, ...own].map((p) => p.macs);
  const key = xs.length > 0 ? JSON.stringify({ x: frameOf(xs), y: frameOf(ys) }) : null;
  return useMemo(() => (key === null ? null : (JSON.parse(key) as { x: Range; y: Range })), [key]);
}

/** The solutions; or what to do where there are none. */
const Solutions = memo(function Solutions({ candidates }: { candidates: Candidates }) {
  const blocks = useExperiment((s) => s.experiment.network.blocks);
  const { rows, left, order, equalization } = candidates;
  const conditions = equalization.inequalities.map((inequality) => inequality.text).join(',  ');
  return (
    <section aria-label="Equalizer">
      <Text size="sm" fw={600}>
        Widths that put the ReLUs in this order
      </Text>
      <Text size="xs" c="dimmed" mb={4} className="figures">
        {orderText(order)} for φ = {blocks.join(', ')} asks for {conditions}. {rows.length}{' '}
        {rows.length === 1 ? 'solution' : 'solutions'}
        {left > 0 && `, ${left} more beyond the limits`}
        {!equalization.complete && '; the search was cut off, so more may exist'}.
      </Text>
      {rows.length > 0 ? (
        <SolutionsTable rows={rows} onUse={use} />
      ) : left > 0 ? (
        <EmptyState
          title="No solution within these limits"
          action={
            <Button variant="default" onClick={() => useDesign.getState().patch({ maxRelus: null, maxMacs: null })}>
              Lift the limits
            </Button>
          }
        >
          Raise the limit on ReLUs or MACs, or lower the base channels m.
        </EmptyState>
      ) : (
        <EmptyState title="No solution within these limits">
          Raise the largest multiplier, or ask for another order.
        </EmptyState>
      )}
    </section>
  );
});

/** The frame follows a slider when there is time for it: the plot is not worth keeping the slider waiting. */
function Plot({ candidates }: { candidates: Candidates }) {
  const frame = useDeferredValue(useFrame(candidates));
  const iso = useDesign((s) => s.iso);
  return frame && <FlopsPlot curves={candidates.curves} x={frame.x} y={frame.y} iso={iso} onIso={setIso} onUse={use} />;
}

export function WidthsPart() {
  const candidates = useCandidates();
  if (!candidates)
    return (
      <EmptyState title="One stage only" action={<Button onClick={() => setStages(2)}>Give it two stages</Button>}>
        The equalizer divides ReLUs between stages: give the network at least two in the step Network.
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
