/**
 * The gates of a run for display: for every neuron whether its own DReLU is computed, and the learned affines of shared gates. The
 * bytes of a ReLU layer add up to its DReLU count (domain/counting).
 */
import { computedAt, consultedChannels, type GateContent } from '../domain/computedDrelus.ts';
import { countsOf } from '../domain/counting.ts';
import { gateOf } from '../domain/gateMap.ts';
import { sitesOf } from '../domain/network.ts';
import type { InspectedSite, MaskInspection } from './protocol.ts';

/** @throws RangeError naming the layer where bits have a wrong length or a gate uses a channel that does not exist. */
export function inspectMasks(run: string, content: GateContent): MaskInspection {
  const { network, gates, trained } = content;
  const counts = countsOf(network, gates, trained);
  const used = consultedChannels(content);
  const sites = sitesOf(network).map((site, i): InspectedSite => {
    const gate = gateOf(gates, site.id);
    const affine = gate.kind === 'share' && gate.affine === 'trained' ? trained[site.id] : undefined;
    return {
      id: site.id,
      shape: site.shape,
      stage: site.stage,
      drelus: counts.sites[i].drelus,
      multiplications: counts.sites[i].multiplications,
      neurons: counts.sites[i].neurons,
      kept: computedAt(site, content, used.get(site.id) ?? new Set()),
      ...(affine?.scale && { scale: [...affine.scale] }),
      ...(affine?.shift && { shift: [...affine.shift] }),
    };
  });
  return { run, network, gates, sites };
}

/** Buffers that postMessage may transfer. */
export const transferOf = (inspection: MaskInspection): ArrayBuffer[] =>
  inspection.sites.map(({ kept }) => kept.buffer as ArrayBuffer);
