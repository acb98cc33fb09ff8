/** Where DReLUs are computed: agrees with the counts of domain/counting for every kind of gate. */
import { expect, test } from 'vitest';
import { maskedGates } from '../domain/maskGates.ts';
import { countsOf } from '../domain/counting.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { TrainedGate } from '../domain/masksFile.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { sharingGates } from '../domain/sharing.ts';
import { inspectMasks } from './inspectMasks.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1, 1],
  widths: [4, 6],
  stemGate: false,
  inputShape: [3, 4, 4],
  classes: 10,
};
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);

/** The bytes must add up to what domain/counting counts, site by site. */
function agrees(gates: GateMap, trained: Record<string, TrainedGate> = {}) {
  const { sites } = inspectMasks('run', { network, gates, trained });
  const counts = countsOf(network, gates, trained);
  expect(sites.map(({ id, kept }) => [id, sum(kept)])).toEqual(counts.sites.map(({ id, drelus }) => [id, drelus]));
  expect(sites.map(({ multiplications }) => multiplications)).toEqual(counts.sites.map((site) => site.multiplications));
  return Object.fromEntries(sites.map((site) => [site.id, site]));
}

test('ReLUs are computed everywhere, linear layers nowhere', () => {
  const sites = agrees({ 'layer1.0.gate1': { kind: 'identity' } });
  expect(sum(sites['layer1.0.gate1'].kept)).toBe(0);
  expect(sum(sites['layer1.0.gate2'].kept)).toBe(64);
});

test('a mask shows its bits; one bit per channel covers all positions', () => {
  const gates: GateMap = { 'layer1.0.gate1': { kind: 'mask', granularity: 'channel' } };
  const { kept } = agrees(gates, { 'layer1.0.gate1': { kept: Uint8Array.of(0, 1, 0, 0) } })['layer1.0.gate1'];
  expect([...kept]).toEqual(Array.from({ length: 64 }, (_, i) => Number(i >= 16 && i < 32)));
});

test('of shared gates only prototypes in use are computed', () => {
  const gates = sharingGates(network, {
    ratios: [0.5, 0.5, 0.5],
    overrides: {},
    crossLayer: 'block',
    borrow: {},
    affine: true,
  });
  const sites = agrees(gates);
  expect(sum(sites['layer1.0.gate1'].kept.subarray(0, 32))).toBe(32);
  expect(sum(sites['layer1.0.gate1'].kept.subarray(32))).toBe(0);
  expect(sum(sites['layer1.0.gate2'].kept)).toBe(0);
  // A layer may share a channel that its owner does not list as a prototype.
  agrees(
    { ...gates, 'layer1.0.gate1': { kind: 'identity' } },
    { 'layer1.0.gate2': { scale: Float32Array.of(0, 1, 0, 0) } },
  );
});

test('masks of prototypes are shown at the prototypes of their layer', () => {
  const gates = maskedGates(
    network,
    sharingGates(network, { ratios: [0.5, 0.5, 0.5], overrides: {}, crossLayer: 'off', borrow: {}, affine: true }),
    'pixel',
  );
  const bits = Uint8Array.from({ length: 32 }, (_, i) => Number(i % 3 === 0));
  const { kept } = agrees(gates, { 'layer1.0.gate2': { kept: bits } })['layer1.0.gate2'];
  expect([...kept.subarray(0, 32)]).toEqual([...bits]);
});
