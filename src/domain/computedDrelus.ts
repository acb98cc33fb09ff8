/**
 * Which neurons compute their own DReLU: one byte a neuron for every gate site. Their sum is the DReLU count (counting.ts).
 *
 * A neuron computes it where its own gate wants it, or where another channel consults it. Prototypes behind a mask compute it where
 * the mask keeps them; any other channel that is consulted does everywhere.
 */
import { gateOf } from './gateMap.ts';
import type { MasksContent } from './masksFile.ts';
import { sitesOf } from './network.ts';
import type { Site, SiteId } from './network.ts';

export type GateContent = Pick<MasksContent, 'network' | 'gates' | 'trained'>;

/** By site, the channels whose DReLU some neuron consults with a scale other than 0. */
export function consultedChannels({ network, gates, trained }: GateContent): Map<SiteId, Set<number>> {
  const consulted = new Map<SiteId, Set<number>>(sitesOf(network).map(({ id }) => [id, new Set<number>()]));
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
export function computedAt(site: Site, { gates, trained }: GateContent, consulted: ReadonlySet<number>): Uint8Array {
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

/** By site, in forward order. */
export function computedDrelus(content: GateContent): Map<SiteId, Uint8Array> {
  const consulted = consultedChannels(content);
  return new Map(
    sitesOf(content.network).map((site) => [site.id, computedAt(site, content, consulted.get(site.id) ?? new Set())]),
  );
}
