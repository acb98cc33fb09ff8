/** The Design tab's stage widths: what the equalizer is asked, its solutions, and all candidates over ReLUs and MACs. */
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { countsOf } from '../../domain/counting.ts';
import { networkName } from '../../domain/describe.ts';
import { latencyOf } from '../../domain/latency.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { useOutlook } from '../outlook.ts';
import { useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useLatency } from '../stores/latency.ts';
import classes from './Design.module.css';
import { EqualizerSettings } from './EqualizerSettings.tsx';
import './families.css';
import { FlopsPlot } from './FlopsPlot.tsx';
import type { ChosenNetwork } from './FlopsPlot.tsx';
import { orderText } from './order.ts';
import { setNetwork } from './setNetwork.ts';
import { SolutionsTable } from './SolutionsTable.tsx';
import { useCandidates } from './useCandidates.ts';

const use = ({ widths }: { widths: number[] }) => setNetwork({ widths: [...widths] });

function useChosen(): ChosenNetwork {
  const network = useExperiment((s) => s.experiment.network);
  const settings = useLatency((s) => s.settings);
  const outlook = useOutlook();
  const drelusAfter = 'problem' in outlook ? null : outlook.drelus;
  return useMemo(() => {
    const counts = countsOf(network);
    const { offline, online } = latencyOf(network, counts, settings);
    const { drelus, macs } = counts.total;
    return {
      title: networkName(network),
      relus: drelus,
      macs,
      offlineSeconds: offline.seconds,
      onlineSeconds: online.seconds,
      drelusAfter: drelusAfter ?? drelus,
    };
  }, [network, settings, drelusAfter]);
}

export function WidthsPart() {
  const network = useExperiment((s) => s.experiment.network);
  const candidates = useCandidates();
  const chosen = useChosen();
  const iso = useDesign((s) => s.iso);
  const patch = useDesign((s) => s.patch);
  if (!candidates)
    return (
      <EmptyState title="One stage only">The equalizer divides ReLUs between stages: give the network at least two in the step Network.</EmptyState>
    );
  const { rows, left, order, equalization, curves } = candidates;
  const conditions = equalization.inequalities.map((inequality) => inequality.text).join(',  ');
  return (
    <div className={classes.split}>
      <aside className={classes.settings} aria-label="Equalizer settings">
        <EqualizerSettings />
      </aside>
      <Stack gap="lg" miw={0}>
        <section aria-label="Equalizer">
          <Text size="sm" fw={600}>
            Widths that put the ReLUs in this order
          </Text>
          <Text size="xs" c="dimmed" mb={4} className="figures">
            {orderText(order)} for φ = {network.blocks.join(', ')} asks for {conditions}. {rows.length} {rows.length === 1 ? 'solution' : 'solutions'}
            {left > 0 && `, ${left} more beyond the limits`}
            {!equalization.complete && '; the search was cut off, so more may exist'}.
          </Text>
          {rows.length > 0 ? (
            <SolutionsTable rows={rows} current={network.widths} onUse={use} />
          ) : (
            <EmptyState title="No solution within these limits">
              {left > 0 ? 'Raise the limit on ReLUs or MACs, or lower the base channels m.' : 'Raise the largest multiplier, or ask for another order.'}
            </EmptyState>
          )}
        </section>
        <FlopsPlot curves={curves} chosen={chosen} iso={iso} onIso={(next) => patch({ iso: next })} onUse={use} />
      </Stack>
    </div>
  );
}
