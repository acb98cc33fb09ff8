/**
 * A run's gates as one looks at them: for every neuron whether its own DReLU is computed (domain/counting counts, this says
 * where), and the learned affines of shared gates. The bytes of a site add up to its DReLU count.
 */
import { computedAt, consultedChannels, type GateContent } from '../domain/computedDrelus.ts';
import { countsOf } from '../domain/counting.ts';
import { gateOf } from '../domain/gateMap.ts';
import { sitesOf } from '../domain/network.ts';
import type { InspectedSite, MaskInspection } from './protocol.ts';

/** @throws RangeError naming the site where bits have a wrong length or a gate consults what does not exist. */
export function inspectMasks(run: string, content: GateContent): MaskInspection {
  const { network, gates, trained } = content;
  const counts = countsOf(network, gates, trained);
  const consulted = consultedChannels(content);
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
      kept: computedAt(site, content, consulted.get(site.id) ?? new Set()),
      ...(affine?.scale && { scale: [...affine.scale] }),
      ...(affine?.shift && { shift: [...affine.shift] }),
    };
  });
  return { run, network, gates, sites };
}

/** What postMessage may move instead of copying. */
export const transferOf = (inspection: MaskInspection): ArrayBuffer[] =>
  inspection.sites.map(({ kept }) => kept.buffer as ArrayBuffer);
