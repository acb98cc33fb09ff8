/**
 * A run's gates as one looks at them: for every neuron whether its own DReLU is computed (domain/counting counts, this says
 * where), and the learned affines of shared gates. The bytes of a site add up to its DReLU count.
 */
import { countsOf } from '../domain/counting.ts';
import { gateOf } from '../domain/gateMap.ts';
import type { MasksContent } from '../domain/masksFile.ts';
import { sitesOf } from '../domain/network.ts';
import type { Site, SiteId } from '../domain/network.ts';
import type { InspectedSite, MaskInspection } from './protocol.ts';

type Content = Pick<MasksContent, 'network' | 'gates' | 'trained'>;

/** Channels of `owner` whose step some share gate consults; a channel that only meets scale 0 is not consulted. */
function consultedChannels({ network, gates, trained }: Content): Map<SiteId, Set<number>> {
  const consulted = new Map(sitesOf(network).map(({ id }) => [id, new Set<number>()]));
  for (const { id } of sitesOf(network)) {
    const gate = gateOf(gates, id);
    if (gate.kind !== 'share') continue;
    const scale = gate.affine === 'trained' ? trained[id]?.scale : undefined;
    const own = new Set(gate.prototypes);
    gate.source.forEach((channel, c) => {
      if (own.has(c) || scale?.[c] !== 0) consulted.get(gate.from ?? id)?.add(channel);
    });
  }
  return consulted;
}

/** One byte a neuron, C·H·W: 1 where its own DReLU is computed. */
function computedAt(site: Site, { gates, trained }: Content, consulted: ReadonlySet<number>): Uint8Array {
  const [channels, height, width] = site.shape;
  const size = height * width;
  const gate = gateOf(gates, site.id);
  const bytes = new Uint8Array(channels * size);
  if (gate.kind === 'relu') return bytes.fill(1);
  const bits = trained[site.id]?.kept;
  if (gate.kind === 'mask') {
    if (!bits) bytes.fill(1);
    else if (bits.length === channels) bits.forEach((kept, c) => bytes.fill(kept ? 1 : 0, c * size, (c + 1) * size));
    else bytes.set(bits.map((kept) => (kept ? 1 : 0)));
  }
  // Prototypes behind a mask show the mask; any other channel that is consulted shows its raw step everywhere.
  const masked = gate.kind === 'share' && gate.masked ? gate.prototypes : [];
  for (const channel of consulted) {
    const index = masked.indexOf(channel);
    if (index < 0 || !bits) bytes.fill(1, channel * size, (channel + 1) * size);
    else for (let i = 0; i < size; i++) bytes[channel * size + i] = bits[index * size + i] ? 1 : 0;
  }
  return bytes;
}

/** @throws RangeError naming the site where bits have a wrong length or a gate consults what does not exist. */
export function inspectMasks(run: string, content: Content): MaskInspection {
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
