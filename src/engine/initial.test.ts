/** Initial weights: the distributions that PyTorch uses, by the seed. */
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../domain/hash.ts';
import { parametersOf, type NetworkSpec } from '../domain/network.ts';
import { network } from '../domain/presets.ts';
import { initialWeights } from './initial.ts';

const spec: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2],
  widths: [32, 64],
  stemGate: true,
  inputShape: [3, 32, 32],
  classes: 10,
};

const moments = (data: Float32Array) => {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  return {
    mean,
    deviation: Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length),
    largest: data.reduce((m, x) => Math.max(m, Math.abs(x)), 0),
  };
};

describe('initial weights', () => {
  it('of a seed stay what they were when results were first recorded', async () => {
    const parts = [...initialWeights(network(4), 5)].flatMap(([name, { data }]) => [
      new TextEncoder().encode(name),
      new Uint8Array(data.buffer),
    ]);
    expect(await sha256Hex(new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()))).toBe(
      'c0303d3afc31e24d482af06a28e41c363c76335fbfc92b52612ec2134ec36531',
    );
  });

  it('cover every parameter of the network in its shape', () => {
    const weights = initialWeights(spec, 7);
    expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual(
      parametersOf(spec).map(({ name, shape }) => [name, shape]),
    );
  });

  it('have the bounds and spread of PyTorch’s Conv2d and Linear', () => {
    const weights = initialWeights(spec, 7);
    for (const [name, fanIn] of [
      ['layer2.1.conv1.weight', 64 * 9],
      ['layer2.0.downsample.0.weight', 32],
      ['fc.weight', 64],
    ] as const) {
      const bound = 1 / Math.sqrt(fanIn);
      const { mean, deviation, largest } = moments(weights.get(name)!.data);
      expect(largest).toBeLessThanOrEqual(bound);
      expect(largest).toBeGreaterThan(0.97 * bound);
      expect(Math.abs(mean)).toBeLessThan(0.1 * bound);
      expect(deviation / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
    }
  });

  it('have variance 2 / fan_out under kaiming', () => {
    const { deviation } = moments(initialWeights(spec, 7, 'kaiming').get('layer2.0.conv1.weight')!.data);
    expect(deviation / Math.sqrt(2 / (64 * 9))).toBeCloseTo(1, 1);
  });

  it('start batch norms as PyTorch does', () => {
    const weights = initialWeights(spec, 7);
    const first = (name: string) => new Set(weights.get(name)!.data);
    expect(first('bn1.weight')).toEqual(new Set([1]));
    expect(first('bn1.running_var')).toEqual(new Set([1]));
    expect(first('bn1.bias')).toEqual(new Set([0]));
    expect(first('bn1.running_mean')).toEqual(new Set([0]));
  });

  it('are decided by seed and name alone', () => {
    const weights = initialWeights(spec, 7);
    expect(initialWeights(spec, 7)).toEqual(weights);
    expect(initialWeights(spec, 8).get('conv1.weight')).not.toEqual(weights.get('conv1.weight'));
    expect(initialWeights(spec, 7 + 2 ** 32).get('conv1.weight')).not.toEqual(weights.get('conv1.weight'));
    expect(initialWeights({ ...spec, widths: [32, 16] }, 7).get('layer1.0.conv1.weight')).toEqual(
      weights.get('layer1.0.conv1.weight'),
    );
    const layers = ['layer1.0.conv1.weight', 'layer1.0.conv2.weight'].map((name) => weights.get(name)!.data);
    expect(layers[0]).not.toEqual(layers[1]);
  });
});
