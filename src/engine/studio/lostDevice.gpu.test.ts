/** A GPU that goes away: whatever is waited for ends with the sentence that says so, not with the browser's own error. */
import { beforeAll, describe, expect, it } from 'vitest';
import { provideGpu } from '../../cli/nodeGpu.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { ImageSet, StepSettings } from '../api.ts';
import type { Gpu } from '../device.ts';
import { initialWeights } from '../initial.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [4],
  stemGate: true,
  inputShape: [1, 6, 6],
  classes: 3,
};
const data: ImageSet = {
  images: new Uint8Array(8 * 36).map((_, i) => i % 251),
  labels: Uint8Array.from({ length: 8 }, (_, i) => i % 3),
  count: 8,
  shape: [1, 6, 6],
  mean: [0.5],
  std: [0.25],
};
const settings: StepSettings = {
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  learningRate: 0.1,
  lambda: 0,
  trainMasks: true,
  trainAffine: false,
  distillation: null,
  soft: null,
  augment: null,
};

describe('a lost GPU', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    await provideGpu();
    const { openDevice } = await import('../device.ts');
    gpu = await openDevice();
  });

  it('is named by every read, also by those that were under way, and by the next step', async () => {
    const { StudioEngine } = await import('./studioEngine.ts');
    const engine = new StudioEngine(gpu, {
      network,
      gates: { stem: { kind: 'mask', granularity: 'pixel' } },
      batch: 4,
    });
    const all = Uint32Array.from({ length: 8 }, (_, i) => i);
    await engine.compile();
    engine.setWeights(initialWeights(network, 1));
    engine.setData(data);
    engine.setOrder(all);
    engine.step(0, settings);
    await engine.settle();
    expect((await engine.metrics()).finite).toBe(true);

    const reported: string[] = [];
    gpu.onFailure((error) => reported.push(error.name));
    const reads = [
      () => engine.metrics(),
      () => engine.weights(),
      () => engine.gradients(),
      () => engine.optimizerState(),
      () => engine.trainingLogits(),
      () => engine.evaluate(all),
      () => engine.logits(all),
      () => engine.maskCounts(0.5),
      () => engine.preActivations('stem', all),
    ];
    const underWay = Promise.allSettled(reads.map((read) => read()));
    gpu.device.destroy();
    const later = Promise.allSettled([...reads, () => engine.settle()].map((read) => read()));
    for (const outcome of [...(await underWay), ...(await later)]) {
      // What had come back before the loss was known may stand.
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ name: 'GpuError', message: /^The GPU was lost/ });
    }
    const afterwards = await Promise.allSettled(reads.map(async (read) => read()));
    for (const outcome of afterwards)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'GpuError' } });
    expect(() => engine.step(4, settings)).toThrow(/^The GPU was lost/);
    expect(reported).toEqual(['GpuError']);
  });
});
