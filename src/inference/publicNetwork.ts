/**
 * What both parties know of the network: its architecture and its gate map. Weights, biases and the affine of replicates stay with the
 * server. This is the text that the server sends first; the client checks it before it believes anything in it.
 *
 * One thing more is public than masks.json's gate map: which replicates have scale 0 (`source` −1), since they consult nobody and
 * therefore cost nothing.
 */
import { z } from 'zod';
import { networkSchema } from '../domain/experiment.ts';
import { gateOf } from '../domain/gateMap.ts';
import type { GateMap, SiteIdMap } from '../domain/gateMap.ts';
import type { TrainedGate } from '../domain/masksFile.ts';
import { sitesOf } from '../domain/network.ts';
import type { NetworkSpec, Site } from '../domain/network.ts';
import { fromBase64, packBits, toBase64, unpackBits } from '../domain/packbits.ts';
import { UnsupportedNetwork } from './errors.ts';

const index = z.int().min(0);

const publicSiteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('relu') }),
  z.strictObject({ kind: z.literal('identity') }),
  /** Kept neurons, packed; elsewhere linear, or a quadratic per channel. */
  z.strictObject({ kind: z.literal('mask'), kept: z.string(), otherwise: z.enum(['linear', 'quadratic']) }),
  z.strictObject({ kind: z.literal('polynomial') }),
  z.strictObject({
    kind: z.literal('share'),
    from: z.string().nullable(),
    prototypes: z.array(index),
    /** −1: its scale is 0, it consults nobody. */
    source: z.array(z.int().min(-1)),
    /** Kept positions of the prototypes, packed; null: all. */
    kept: z.string().nullable(),
    affine: z.enum(['trained', 'fixed']),
  }),
]);
export type PublicSite = z.infer<typeof publicSiteSchema>;

export const publicNetworkSchema = z.strictObject({
  network: networkSchema,
  /** Gate sites in forward order. */
  sites: z.array(publicSiteSchema),
  /** Normalisation of the images, per channel, of pixels scaled to 0 … 1. */
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
});
export type PublicNetwork = z.infer<typeof publicNetworkSchema>;

const FAMILIES: string[] = ['cifar-resnet', 'wide-resnet'] satisfies NetworkSpec['family'][];

function publicSite(site: Site, gates: GateMap, trained: TrainedGate | undefined): PublicSite {
  const gate = gateOf(gates, site.id);
  const [channels, height, width] = site.shape;
  const size = height * width;
  const packed = (count: number): string => {
    const kept = trained?.kept;
    const bits = new Uint8Array(count * size).fill(1);
    if (kept) for (let i = 0; i < bits.length; i++) bits[i] = kept[kept.length === count ? Math.floor(i / size) : i];
    return toBase64(packBits(bits));
  };
  switch (gate.kind) {
    case 'relu':
    case 'identity':
      return { kind: gate.kind };
    case 'mask':
      return { kind: 'mask', kept: packed(channels), otherwise: 'linear' };
    case 'share': {
      const own = new Set(gate.prototypes);
      const silent = (c: number) => gate.affine === 'trained' && !own.has(c) && trained?.scale?.[c] === 0;
      return {
        kind: 'share',
        from: gate.from,
        prototypes: gate.prototypes,
        source: gate.source.map((source, c) => (silent(c) ? -1 : source)),
        kept: gate.masked ? packed(gate.prototypes.length) : null,
        affine: gate.affine,
      };
    }
  }
}

/** @throws UnsupportedNetwork where this network cannot be run privately yet. */
export function publicNetworkOf(
  network: NetworkSpec,
  gates: GateMap,
  trained: SiteIdMap<TrainedGate>,
  normalisation: { mean: number[]; std: number[] },
): PublicNetwork {
  if (!FAMILIES.includes(network.family))
    throw new UnsupportedNetwork(`Private inference knows ${FAMILIES.join(' and ')} networks, not ${network.family}.`);
  const sites = sitesOf(network).map((site) => publicSite(site, gates, trained[site.id]));
  return { network, sites, mean: normalisation.mean, std: normalisation.std };
}

/** Bits of a packed mask. @throws UnsupportedNetwork where their number is wrong. */
export function keptBits(packed: string, count: number, site: string): Uint8Array {
  const bytes = fromBase64(packed);
  if (bytes.length !== Math.ceil(count / 8))
    throw new UnsupportedNetwork(`${site}: its mask does not have ${count} bits.`);
  return unpackBits(bytes, count);
}
