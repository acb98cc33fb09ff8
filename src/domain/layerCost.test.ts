/** MACs and parameters against the table of published networks (design: algorithms §1) and torchvision's own counts. */
import { describe, expect, it } from 'vitest';
import { layerCostsOf, macsOf } from './layerCost.ts';
import type { NetworkSpec } from './network.ts';

const cifar = (widths: number[], more: Partial<NetworkSpec> = {}): NetworkSpec => ({
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths,
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 100,
  ...more,
});

describe('layer costs', () => {
  it.each([
    ['ResNet-18', cifar([64, 128, 256, 512]), 555.5],
    ['ResNet-18 at 64×64, 200 classes', cifar([64, 128, 256, 512], { inputShape: [3, 64, 64], classes: 200 }), 2221.8],
    ['half as wide', cifar([32, 64, 128, 256]), 139.3],
    ['a quarter as wide', cifar([16, 32, 64, 128]), 35.1],
    ['HybReNet 5-5-3', cifar([16, 80, 400, 1200]), 1053.4],
    ['HybReNet 2-5-3', cifar([32, 64, 320, 960]), 709.6],
  ])('%s: millions of MACs as published', (_, network, millions) => {
    expect((macsOf(network) / 1e6).toFixed(1)).toBe(millions.toFixed(1));
  });

  it('MACs of a network of one block, added up by hand', () => {
    const network = cifar([4, 6], { blocks: [1, 1], inputShape: [3, 8, 8], classes: 10 });
    const stem = 4 * 3 * 9 * 64;
    const first = 2 * (4 * 4 * 9 * 64);
    const second = 6 * 4 * 9 * 16 + 6 * 6 * 9 * 16 + 6 * 4 * 16;
    expect(macsOf(network)).toBe(stem + first + second + 6 * 10);
  });

  it('parameters of ResNet-18 as PyTorch counts them', () => {
    const parameters = (classes: number) =>
      layerCostsOf(cifar([64, 128, 256, 512], { classes })).reduce((sum, layer) => sum + layer.parameters, 0);
    expect(parameters(10)).toBe(11_173_962);
    expect(parameters(100)).toBe(11_220_132);
  });
});
