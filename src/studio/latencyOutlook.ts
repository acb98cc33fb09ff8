/** Predicted online latency of one private inference, in seconds: with the experiment's methods, and of the dense network. */
import { useMemo } from 'react';
import { latencyOf } from '../domain/latency.ts';
import { useOutlook } from './outlook.ts';
import { useExperiment } from './stores/experiment.ts';
import { useLatency } from './stores/latency.ts';

export interface LatencyOutlook {
  online: number;
  denseOnline: number;
}

/** Null where the settings are not a valid network. */
export function useLatencyOutlook(): LatencyOutlook | null {
  const outlook = useOutlook();
  const network = useExperiment((s) => s.experiment.network);
  const settings = useLatency((s) => s.settings);
  return useMemo(() => {
    if ('problem' in outlook) return null;
    const { dense, gated, drelus, multiplications } = outlook;
    // The model is linear in DReLUs and multiplications: every ReLU layer is scaled to the budget.
    const d = drelus / Math.max(1, gated.total.drelus);
    const m = multiplications / Math.max(1, gated.total.multiplications);
    const sites = gated.sites.map((site) => ({
      ...site,
      drelus: site.drelus * d,
      multiplications: site.multiplications * m,
    }));
    return {
      online: latencyOf(network, { sites }, settings).online.seconds,
      denseOnline: latencyOf(network, dense, settings).online.seconds,
    };
  }, [outlook, network, settings]);
}
