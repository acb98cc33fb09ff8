/** DeepShare's settings: prototype counts and sharing between layers. */
import { expect, test } from 'vitest';
import { deepshareMethod } from '../../domain/methods/deepshare.ts';
import { SNL_DENSE } from '../../domain/phase.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { sharingGates } from '../../domain/sharing.ts';
import { gatedStages, lendersOf, prototypesOf, ratioText, setLender } from './settings.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 1],
  widths: [8, 16],
  stemGate: false,
  inputShape: [3, 8, 8],
  classes: 10,
};
const method = () => ({ ...deepshareMethod(0.25, 2, SNL_DENSE, SNL_DENSE), crossLayer: 'custom' as const });

test('ratios read as fractions where they are some', () => {
  expect([1 / 8, 0.25, 1, 0.3].map(ratioText)).toEqual(['1/8', '1/4', '1/1', '30%']);
  expect([prototypesOf(1 / 32, 8), prototypesOf(0.3, 64)]).toEqual([1, 19]);
});

test('a layer may share the DReLUs of earlier layers of its size that share none', () => {
  expect(gatedStages(network)).toEqual([1, 2]);
  expect(lendersOf(network, 'layer1.1.gate1', {}).map(({ id }) => id)).toEqual(['layer1.0.gate1', 'layer1.0.gate2']);
  expect(lendersOf(network, 'layer2.0.gate1', {})).toEqual([]);
  expect(lendersOf(network, 'layer1.1.gate1', { 'layer1.0.gate2': 'layer1.0.gate1' }).map(({ id }) => id)).toEqual([
    'layer1.0.gate1',
  ]);
});

test('when a layer starts to share, the layers that shared its DReLUs follow', () => {
  const draft = method();
  setLender(draft, 'layer1.1.gate1', 'layer1.0.gate2');
  setLender(draft, 'layer1.0.gate2', 'layer1.0.gate1');
  expect(draft.borrow).toEqual({ 'layer1.1.gate1': 'layer1.0.gate1', 'layer1.0.gate2': 'layer1.0.gate1' });
  expect(() => sharingGates(network, draft)).not.toThrow();
  setLender(draft, 'layer1.1.gate1', null);
  expect(draft.borrow).toEqual({ 'layer1.0.gate2': 'layer1.0.gate1' });
});
