/** The signature of tiles changes with any tile, and only then. */
import { expect, it } from 'vitest';
import { network } from '../../domain/presets.ts';
import { defaultTile } from './defaultTiles.ts';
import type { TileChoice } from './planForward.ts';
import { tileSignature } from './tileSignature.ts';

const spec = network(8);
const defaults: TileChoice = (role, layer, batch) => defaultTile('hardware', 0, role, layer, batch);
/** As the defaults, with another tile in one role of one layer. */
const changedIn =
  (name: string, changed: string): TileChoice =>
  (role, layer, batch) => {
    const tile = defaults(role, layer, batch);
    if (layer.name !== name || role !== changed) return tile;
    return { kind: 'direct', pixels: 1, groups: 1, lanes: 1 };
  };

it('is the same for the same tiles, and differs where one tile does', () => {
  const signature = tileSignature(defaults, spec, 32);
  expect(signature).toMatch(/^[0-9a-f]{8}$/);
  expect(tileSignature((...at) => ({ ...defaults(...at) }), spec, 32)).toBe(signature);
  const others = ['forward', 'input gradient', 'filter gradient'].flatMap((role) =>
    ['layer1.0.conv1', 'layer4.1.conv2'].map((name) => tileSignature(changedIn(name, role), spec, 32)),
  );
  expect(new Set([signature, ...others]).size).toBe(7);
});
