/** Masks over the gates that there are: what methods that keep some DReLUs and drop others have in common. */
import { gateOf } from './gateMap.ts';
import type { GateMap, Granularity } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';

/** Plain ReLUs get an α per neuron (or channel); a site's own prototypes get an α per neuron, borrowers see their owner's. */
export function maskedGates(network: NetworkSpec, base: GateMap, granularity: Granularity): GateMap {
  const masked: GateMap = { ...base };
  for (const { id } of sitesOf(network)) {
    const gate = gateOf(base, id);
    if (gate.kind === 'relu') masked[id] = { kind: 'mask', granularity };
    if (gate.kind === 'share' && gate.prototypes.length > 0) masked[id] = { ...gate, masked: true };
  }
  return masked;
}

/** The gate map without masks. */
export const withoutMasks = (gates: GateMap): GateMap =>
  Object.fromEntries(
    Object.entries(gates).map(([site, gate]) => [
      site,
      gate.kind === 'mask' ? { kind: 'relu' } : gate.kind === 'share' ? { ...gate, masked: false } : gate,
    ]),
  );
