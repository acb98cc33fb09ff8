/** One private inference of the network on the page: seconds online and offline, as planned and with plain ReLUs. */
import { useMemo } from 'react';
import { latencyOf } from '../domain/latency.ts';
import type { Outlook } from './outlook.ts';
import { useExperiment } from './stores/experiment.ts';
import { useLatency as useLatencySettings } from './stores/latency.ts';

export interface LatencyOutlook {
  online: number;
  offline: number;
  denseOnline: number;
  denseOffline: number;
}

export function useLatency(outlook: Outlook | { problem: string }): LatencyOutlook | null {
  const network = useExperiment((s) => s.experiment.network);
  const settings = useLatencySettings((s) => s.settings);
  return useMemo(() => {
    if ('problem' in outlook) return null;
    const { dense, gated, drelus, multiplications } = outlook;
    // The model is linear in DReLUs and multiplications: scale every site alike to what the budget leaves.
    const d = drelus / Math.max(1, gated.total.drelus);
    const m = multiplications / Math.max(1, gated.total.multiplications);
    const planned = {
      ...gated,
      sites: gated.sites.map((site) => ({
        ...site,
        drelus: site.drelus * d,
        multiplications: site.multiplications * m,
      })),
    };
    const plain = latencyOf(network, dense, settings);
    const now = latencyOf(network, planned, settings);
    return {
      online: now.online.seconds,
      offline: now.offline.seconds,
      denseOnline: plain.online.seconds,
      denseOffline: plain.offline.seconds,
    };
  }, [outlook, network, settings]);
}
