/**
 * ReLU-reuse with N groups (DeepReShape, Jha & Reagen 2024), our reconstruction: the channels of a site split into N groups, the
 * ReLU runs on the first group only, and every other channel is gated by the matching channel of that group, with nothing
 * trained: prototypes = the first ⌈C/N⌉ channels, channel c consults c mod P, affine fixed at (1, 0).
 *
 * Public: reuseGates(spec, groups, base?) → GateMap.
 */
import { gateOf } from './gateMap.ts';
import type { GateMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';
import { cyclic } from './sharing.ts';

/** The gate map of ReLU-reuse on top of `base`, whose linear sites stay linear. */
export function reuseGates(spec: NetworkSpec, groups: number, base: GateMap = {}): GateMap {
  if (!Number.isInteger(groups) || groups < 1)
    throw new RangeError(`Groups must be a whole number of at least 1, not ${groups}.`);
  const gates: GateMap = { ...base };
  for (const site of sitesOf(spec)) {
    if (gateOf(base, site.id).kind === 'identity') continue;
    const [channels] = site.shape;
    const prototypes = Array.from({ length: Math.ceil(channels / groups) }, (_, c) => c);
    gates[site.id] = {
      kind: 'share',
      from: null,
      prototypes,
      source: cyclic(channels, prototypes),
      masked: false,
      affine: 'fixed',
    };
  }
  return gates;
}
