/**
 * The trained numbers of a gate map: their names, shapes and what they start as.
 *
 *   {site}.alpha   mask gates (C,H,W) or (C,1,1); masked share gates (P,H,W), P own prototypes     starts at 1
 *   {site}.scale   share gates with a trained affine (C)                                           starts at 1
 *   {site}.shift   the same (C)                                                                    starts at 0
 */
import { gateOf, type GateMap } from '../domain/gateMap.ts';
import { sitesOf, type NetworkSpec, type SiteId } from '../domain/network.ts';

export interface GateParameter {
  name: string;
  site: SiteId;
  shape: number[];
  role: 'alpha' | 'scale' | 'shift';
  initial: 0 | 1;
}

/** Every gate parameter in forward order. */
export function gateParametersOf(network: NetworkSpec, gates: GateMap): GateParameter[] {
  return sitesOf(network).flatMap(({ id: site, shape: [channels, height, width] }) => {
    const gate = gateOf(gates, site);
    const parameter = (role: GateParameter['role'], shape: number[], initial: 0 | 1 = 1): GateParameter => ({
      name: `${site}.${role}`,
      site,
      shape,
      role,
      initial,
    });
    if (gate.kind === 'mask')
      return [parameter('alpha', gate.granularity === 'pixel' ? [channels, height, width] : [channels, 1, 1])];
    if (gate.kind !== 'share') return [];
    return [
      ...(gate.affine === 'trained' ? [parameter('scale', [channels]), parameter('shift', [channels], 0)] : []),
      ...(gate.masked && gate.prototypes.length > 0
        ? [parameter('alpha', [gate.prototypes.length, height, width])]
        : []),
    ];
  });
}
