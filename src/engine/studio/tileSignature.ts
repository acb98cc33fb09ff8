/** One short text for the tiles that a network's convolutions run with: results repeat bit for bit only with the same tiles. */
import { fnv1a } from '../../domain/hash.ts';
import { layersOf, type NetworkSpec } from '../../domain/network.ts';
import type { TileChoice } from './planForward.ts';

const ROLES = ['forward', 'input gradient', 'filter gradient'] as const;

/** @param batch images of a forward pass @returns 8 hexadecimal digits */
export function tileSignature(tiles: TileChoice, network: NetworkSpec, batch: number): string {
  const chosen = layersOf(network).flatMap((layer) =>
    layer.kind === 'conv' ? ROLES.map((role) => JSON.stringify(tiles(role, layer, batch))) : [],
  );
  return fnv1a(chosen.join('\n')).toString(16).padStart(8, '0');
}
