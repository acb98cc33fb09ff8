/**
 * The equalizer's solutions and the families beside them, for the experiment's blocks, input and classes. Counting a network takes
 * about a millisecond, for up to some hundred networks, so results are cached and computed once a slider rests.
 */
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { equalize } from '../../domain/equalize.ts';
import type { Equalization, SolutionDetails } from '../../domain/equalize.ts';
import type { LatencySettings } from '../../domain/latency.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { orderFor, useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useLatency } from '../stores/latency.ts';
import { familyCurves } from './families.ts';
import type { FamilyCurve } from './families.ts';
import { detailsOf } from './networkDetails.ts';

/** Most solutions shown that are not minimal. */
const MAX_OTHERS = 100;
/** Milliseconds without a change before the candidates are computed. */
const DEBOUNCE_MS = 120;

export interface SolutionRow extends SolutionDetails {
  minimal: boolean;
}

export interface Candidates {
  base: number;
  order: number[];
  equalization: Equalization;
  /** Within the limits on ReLUs and MACs. */
  rows: SolutionRow[];
  /** Solutions outside those limits. */
  left: number;
  curves: FamilyCurve[];
}

function candidatesOf(
  spec: NetworkSpec,
  base: number,
  order: number[],
  limits: { maxMultiplier: number; minimalOnly: boolean; maxRelus: number | null; maxMacs: number | null },
  latency: LatencySettings,
): Candidates {
  const equalization = equalize(spec.blocks, order, {
    min: 2,
    max: limits.maxMultiplier,
    others: limits.minimalOnly ? 0 : MAX_OTHERS,
  });
  const all = equalization.solutions.map(({ multipliers, minimal }): SolutionRow => ({
    ...detailsOf(spec, base, multipliers, latency),
    minimal,
  }));
  const rows = all.filter(
    (row) => row.drelus <= (limits.maxRelus ?? Infinity) && row.macs <= (limits.maxMacs ?? Infinity),
  );
  const curves = familyCurves(
    spec,
    base,
    rows.filter((row) => row.minimal).map((row) => row.multipliers),
    latency,
  );
  return { base, order, equalization, rows, left: all.length - rows.length, curves };
}

/** Null where the network has a single stage: there is nothing to equalize. */
export function useCandidates(): Candidates | null {
  const latency = useLatency((s) => s.settings);
  const { orders, maxMultiplier, maxRelus, maxMacs, minimalOnly, base: ownBase } = useDesign();
  // Only the first width matters here; the rest is compared by value, because every edit makes a new object.
  const asked = useExperiment(({ experiment: { network } }) =>
    JSON.stringify({ ...network, widths: [ownBase ?? network.widths[0]] }),
  );
  const [key] = useDebouncedValue(asked, DEBOUNCE_MS);
  return useMemo(() => {
    const spec = JSON.parse(key) as NetworkSpec;
    if (spec.blocks.length < 2) return null;
    const order = orderFor(orders, spec.blocks.length);
    return candidatesOf(spec, spec.widths[0], order, { maxMultiplier, maxRelus, maxMacs, minimalOnly }, latency);
  }, [key, latency, orders, maxMultiplier, maxRelus, maxMacs, minimalOnly]);
}
