/** The network that weights belong to, recognised from names and shapes; and names of other repositories. */
import { describe, expect, test } from 'vitest';
import { parametersOf, type NetworkSpec } from './network.ts';
import { canonicalName, canonicalParameters } from './parameterNames.ts';
import { differencesOf, recogniseNetwork, UnknownNetworkError } from './recogniseNetwork.ts';
import { randomNetwork, seeded } from './testing.ts';

const shapesOf = (network: NetworkSpec) =>
  new Map<string, { shape: number[] }>(parametersOf(network).map(({ name, shape }) => [name, { shape }]));

const RESNET18: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [64, 128, 256, 512],
  stemGate: true,
  inputShape: [3, 32, 32],
  classes: 100,
};

describe('recognition', () => {
  test('ResNet-18 is recognised, what its weights do not tell is said', () => {
    const { network, assumptions } = recogniseNetwork(shapesOf(RESNET18));
    expect(network).toEqual(RESNET18);
    expect(assumptions.map(({ about }) => about)).toEqual(['inputSize', 'stemGate']);
  });

  test('200 classes are taken for Tiny-ImageNet', () => {
    expect(recogniseNetwork(shapesOf({ ...RESNET18, classes: 200 })).network.inputShape).toEqual([3, 64, 64]);
  });

  test('masks tell the size of the images, and that SNL has no gate after the stem', () => {
    const shapes = shapesOf(RESNET18).set('layer1.0.gate1.alpha', { shape: [64, 48, 40] });
    const { network, assumptions, masked } = recogniseNetwork(shapes);
    expect(network).toEqual({ ...RESNET18, stemGate: false, inputShape: [3, 48, 40] });
    expect(assumptions).toEqual([]);
    expect(masked).toEqual(['layer1.0.gate1']);
  });

  test('a pre-activation network is told from a post-activation one', () => {
    const network: NetworkSpec = {
      family: 'wide-resnet',
      blocks: [3, 3, 3],
      widths: [128, 256, 512],
      stemGate: false,
      finalGate: true,
      inputShape: [3, 32, 32],
      classes: 10,
    };
    expect(recogniseNetwork(shapesOf(network)).network).toEqual(network);
  });

  test('random networks are recognised with no difference', () => {
    const random = seeded(3);
    for (let i = 0; i < 300; i++) {
      const network = randomNetwork(random);
      const shapes = shapesOf(network);
      const found = recogniseNetwork(shapes).network;
      expect(found.blocks).toEqual(network.blocks);
      expect(found.widths).toEqual(network.widths);
      expect(found.classes).toBe(network.classes);
      expect(differencesOf(shapes, found)).toEqual([]);
    }
  });

  test('differences name what is missing, of another shape or too much', () => {
    const shapes = shapesOf(RESNET18);
    shapes.delete('layer3.1.bn2.bias');
    shapes.set('layer2.0.conv2.weight', { shape: [128, 64, 3, 3] }).set('conv1.bias', { shape: [64] });
    expect(differencesOf(shapes, RESNET18)).toEqual([
      { name: 'layer2.0.conv2.weight', expected: [128, 128, 3, 3], found: [128, 64, 3, 3] },
      { name: 'layer3.1.bn2.bias', expected: [256], found: null },
      { name: 'conv1.bias', expected: null, found: [64] },
    ]);
  });

  test.each([
    ['an ImageNet stem', 'conv1.weight', [64, 3, 7, 7], /7×7 stem, as ImageNet/],
    ['bottleneck blocks', 'layer1.0.conv3.weight', [256, 64, 1, 1], /bottleneck/],
    ['a gap in the blocks', 'layer2.4.conv1.weight', [128, 128, 3, 3], /have gaps/],
  ])('%s are refused', (_, name, shape, sentence) => {
    const shapes = shapesOf(RESNET18).set(name, { shape });
    expect(() => recogniseNetwork(shapes)).toThrow(UnknownNetworkError);
    expect(() => recogniseNetwork(shapes)).toThrow(sentence);
  });

  test('weights of something else are refused with what was found', () => {
    const shapes = new Map([['features.0.weight', { shape: [64, 3, 3, 3] }]]);
    expect(() => recogniseNetwork(shapes)).toThrow(/not the weights of a CIFAR ResNet.*features\.0\.weight/);
  });
});

describe('names of other repositories', () => {
  test.each([
    ['module.layer2.0.shortcut.1.running_var', 'layer2.0.downsample.1.running_var'],
    ['module.linear.weight', 'fc.weight'],
    ['_orig_mod.module.conv1.weight', 'conv1.weight'],
    ['model.fc.bias', 'fc.bias'],
    ['block2.layer.0.convShortcut.weight', 'layer2.0.downsample.0.weight'],
    ['module.layer3.1.alpha2.alphas', 'layer3.1.gate2.alpha'],
    ['layer3.1.bn2.num_batches_tracked', null],
    ['layer3.1.bn2.weight', 'layer3.1.bn2.weight'],
  ])('%s', (theirs, ours) => {
    expect(canonicalName(theirs)).toBe(ours);
  });

  test('masks lose their batch axis', () => {
    const masks = new Map([['layer1.0.alpha1.alphas', { shape: [1, 4, 8, 8] }]]);
    expect(canonicalParameters(masks)).toEqual(new Map([['layer1.0.gate1.alpha', { shape: [4, 8, 8] }]]));
  });
});
