/**
 * DReLU sharing in numbers: replicates move their prototype while the gate is soft and not once it is hard; a network whose channels
 * are all their own prototypes is the plain ReLU network, bit for bit.
 */
import { describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../../test/openGpu.ts';
import type { GateMap, ShareGate } from '../../domain/gateMap.ts';
import { sitesOf, type NetworkSpec } from '../../domain/network.ts';
import type { ImageSet, StepSettings, TensorMap } from '../api.ts';
import { initialWeights } from '../initial.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [4],
  stemGate: true,
  inputShape: [3, 8, 8],
  classes: 3,
};
const data: ImageSet = {
  images: Uint8Array.from({ length: 8 * 3 * 64 }, () => Math.floor(Math.random() * 256)),
  labels: Uint8Array.from({ length: 8 }, (_, i) => i % 3),
  count: 8,
  shape: [3, 8, 8],
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const settings: StepSettings = {
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  learningRate: 0.05,
  lambda: 0,
  trainMasks: false,
  trainAffine: true,
  distillation: null,
  soft: null,
  augment: null,
};
const SITE = 'layer1.0.gate2';
const share = (prototypes: number[], source: number[]): ShareGate => ({
  kind: 'share',
  from: null,
  prototypes,
  source,
  masked: false,
  affine: 'trained',
});

describe('shared gates', () => {
  const gpu = openGpuForTests();

  async function train(gates: GateMap, step: StepSettings, weights: TensorMap) {
    const { StudioEngine } = await import('./studioEngine.ts');
    const engine = new StudioEngine(gpu(), { network, gates, batch: 8 });
    await engine.compile();
    engine.setWeights(weights);
    engine.setData(data);
    engine.setOrder(Uint32Array.from({ length: 8 }, (_, i) => i));
    for (let i = 0; i < 3; i++) engine.step(0, step);
    const result = {
      gradients: await engine.gradients(),
      weights: await engine.weights(),
      logits: await engine.trainingLogits(),
    };
    engine.dispose();
    return result;
  }

  it('carry gradients from replicates to their prototype while soft, and none once hard', async () => {
    // Channel 0 is the prototype of all; the classifier sees channels 1 to 3 alone, so that channel 0's own output counts for nothing.
    const weights = new Map(initialWeights(network, 5));
    const fc = weights.get('fc.weight')!;
    weights.set('fc.weight', { shape: fc.shape, data: fc.data.map((value, i) => (i % 4 === 0 ? 0 : value)) });
    const gates: GateMap = { [SITE]: share([0], [0, 0, 0, 0]) };
    const frozen = { ...settings, learningRate: 0 };
    const reached = async (soft: StepSettings['soft']) =>
      Math.abs((await train(gates, { ...frozen, soft }, weights)).gradients.get('layer1.0.bn2.bias')!.data[0]);
    const [soft, hard] = [await reached({ slope: 1, mix: 0 }), await reached(null)];
    console.log(`gradient of the prototype's shift from its replicates: ${soft.toExponential(2)} soft, ${hard} hard`);
    expect(soft).toBeGreaterThan(1e-5);
    expect(hard).toBe(0);
  });

  it('are plain ReLUs, bit for bit, where every channel is its own prototype', async () => {
    const gates = Object.fromEntries(sitesOf(network).map(({ id }) => [id, share([0, 1, 2, 3], [0, 1, 2, 3])]));
    const weights = initialWeights(network, 6);
    const [shared, plain] = [await train(gates, settings, weights), await train({}, settings, weights)];
    const same = (a: Float32Array, b: Float32Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
    expect(same(shared.logits, plain.logits)).toBe(true);
    for (const [name, { data: values }] of plain.weights)
      expect({ name, same: same(values, shared.weights.get(name)!.data) }).toEqual({ name, same: true });
  });
});
