/**
 * What a training step promises beside right numbers: few dispatches, no GPU object made after warm-up, constant memory, the same bits
 * again, gradients that add up over micro batches, images that the plain TypeScript augmentation would make.
 */
import { describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../../test/openGpu.ts';
import type { GateMap } from '../../domain/gateMap.ts';
import { sitesOf, type NetworkSpec } from '../../domain/network.ts';
import type { EngineSettings, ImageSet, StepSettings, TensorMap } from '../api.ts';
import { gatherReference } from '../augment.ts';
import { initialWeights } from '../initial.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [4, 8, 8, 8],
  stemGate: false,
  inputShape: [3, 16, 16],
  classes: 10,
};
const COUNT = 48;
const data: ImageSet = {
  images: Uint8Array.from({ length: COUNT * 3 * 256 }, () => Math.floor(Math.random() * 256)),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  count: COUNT,
  shape: [3, 16, 16],
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.25, 0.3],
};
const order = Uint32Array.from({ length: COUNT }, (_, i) => (i * 7) % COUNT);
const plain: StepSettings = {
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  learningRate: 0.05,
  lambda: 0,
  trainMasks: false,
  trainAffine: false,
  distillation: null,
  soft: null,
  augment: { cropPadding: 2, flip: true, seed: 11 },
};
const masks: GateMap = Object.fromEntries(
  sitesOf(network).map(({ id }) => [id, { kind: 'mask', granularity: 'pixel' }]),
);
const shared: GateMap = Object.fromEntries(
  sitesOf(network).map(({ id, shape: [channels] }) => [
    id,
    {
      kind: 'share',
      from: null,
      prototypes: [0],
      source: Array.from({ length: channels }, () => 0),
      masked: false,
      affine: 'trained',
    },
  ]),
);
/** Every second gate of a block borrows from its first. */
const borrowed: GateMap = Object.fromEntries(
  sitesOf(network).map(({ id, shape: [channels] }) => [
    id,
    id.endsWith('gate2')
      ? {
          kind: 'share',
          from: id.replace('gate2', 'gate1'),
          prototypes: [],
          source: Array.from({ length: channels }, (_, c) => c),
          masked: false,
          affine: 'trained',
        }
      : { kind: 'relu' },
  ]),
);

describe('a recorded step', () => {
  const gpu = openGpuForTests();
  const make = async (settings: Partial<EngineSettings> = {}, weights?: TensorMap) => {
    const { StudioEngine } = await import('./studioEngine.ts');
    const full: EngineSettings = { network, gates: {}, batch: 8, ...settings };
    const engine = new StudioEngine(gpu(), full);
    await engine.compile();
    engine.setWeights(weights ?? initialWeights(full.network, 3));
    engine.setData(data);
    engine.setOrder(order);
    return engine;
  };

  it('takes at most 260 dispatches, no more with masks, within 5 % with shared and borrowed gates', async () => {
    const counts: Record<string, number> = {};
    for (const [name, gates] of Object.entries({ dense: {}, masks, shared, borrowed })) {
      const engine = await make({ gates });
      engine.step(0, {
        ...plain,
        trainMasks: true,
        trainAffine: true,
        lambda: name === 'masks' ? 1e-4 : 0,
        soft: { slope: 2, mix: 0 },
      });
      await engine.settle();
      counts[name] = engine.dispatches;
      engine.dispose();
    }
    console.log('dispatches per step:', counts);
    expect(counts.dense).toBeLessThanOrEqual(260);
    expect(counts.masks).toBe(counts.dense);
    for (const name of ['shared', 'borrowed'])
      expect(Math.abs(counts[name] / counts.dense - 1)).toBeLessThanOrEqual(0.05);
  });

  it('makes no buffer, shader, pipeline or bind group and reads nothing back in 500 steps after the first; memory stays constant', async () => {
    const engine = await make({ network: { ...network, blocks: [1], widths: [4], inputShape: [3, 16, 16] }, batch: 2 });
    engine.step(0, plain);
    await engine.settle();
    const before = engine.memory;
    const { device } = gpu();
    const made: Record<string, number> = {};
    const watched = [
      'createBuffer',
      'createShaderModule',
      'createComputePipeline',
      'createComputePipelineAsync',
      'createBindGroup',
      'createBindGroupLayout',
    ] as const;
    for (const name of watched) {
      const original = device[name] as (...args: unknown[]) => unknown;
      Object.defineProperty(device, name, {
        configurable: true,
        value: (...args: unknown[]) => {
          made[name] = (made[name] ?? 0) + 1;
          return original.apply(device, args);
        },
      });
    }
    const mapAsync = GPUBuffer.prototype.mapAsync;
    GPUBuffer.prototype.mapAsync = function (...args) {
      made.mapAsync = (made.mapAsync ?? 0) + 1;
      return mapAsync.apply(this, args);
    };
    try {
      for (let i = 0; i < 500; i++) {
        engine.step((2 * i) % (COUNT - 2), plain);
        if (i % 20 === 0) await engine.settle();
      }
      await engine.settle();
      expect(made).toEqual({});
      expect(engine.memory).toEqual(before);
      // The counter counts: reading the metrics does make a buffer and map it.
      const metrics = await engine.metrics();
      expect(made).toEqual({ createBuffer: 1, mapAsync: 1 });
      expect(metrics.steps).toBe(501);
      expect(metrics.finite).toBe(true);
    } finally {
      for (const name of watched) Reflect.deleteProperty(device, name);
      GPUBuffer.prototype.mapAsync = mapAsync;
      engine.dispose();
    }
  });

  it('gives the same bits twice', async () => {
    const results: Float32Array[][] = [];
    for (let round = 0; round < 2; round++) {
      const engine = await make({ gates: masks });
      for (let i = 0; i < 4; i++)
        engine.step(8 * i, {
          ...plain,
          optimizer: { kind: 'adam', weightDecay: 0 },
          learningRate: 1e-2,
          lambda: 1e-3,
          trainMasks: true,
        });
      results.push([...(await engine.weights()).values()].map(({ data: values }) => values));
      engine.dispose();
    }
    results[0].forEach((values, i) =>
      expect(Buffer.from(values.buffer).equals(Buffer.from(results[1][i].buffer))).toBe(true),
    );
  });

  it('adds up gradients of micro batches to their mean, the penalty once', async () => {
    const settings = { ...plain, lambda: 1e-3, trainMasks: true };
    const whole = await make({ gates: masks, batch: 8, microBatch: 4 });
    whole.step(0, settings);
    const sum = await whole.gradients();
    const dispatches = whole.dispatches;
    whole.dispose();
    const halves: TensorMap[] = [];
    for (const at of [0, 4]) {
      const half = await make({ gates: masks, batch: 4 });
      half.step(at, settings);
      halves.push(await half.gradients());
      half.dispose();
    }
    for (const [name, { data: values }] of sum) {
      if (/running/.test(name)) continue;
      const [a, b] = halves.map((half) => half.get(name)!.data);
      let error = 0;
      let norm = 0;
      values.forEach((value, i) => {
        const mean = (a[i] + b[i]) / 2;
        error += (value - mean) ** 2;
        norm += mean ** 2;
      });
      expect({ name, close: Math.sqrt(error / Math.max(norm, 1e-20)) < 1e-4 }).toEqual({ name, close: true });
    }
    expect(dispatches).toBeGreaterThan(260);
  });

  it('draws the images that the plain augmentation draws, through to the logits', async () => {
    const engine = await make({ batch: 8 });
    const at = 16;
    engine.step(at, { ...plain, learningRate: 0 });
    const logits = await engine.trainingLogits();
    // The same images as data of their own, without augmentation: bytes again, since a crop only moves bytes.
    const raw = { ...data, mean: [0, 0, 0], std: [1, 1, 1] };
    const picked = gatherReference(raw, order.subarray(at, at + 8), at, plain.augment);
    const images = new Uint8Array(8 * 3 * 256);
    for (let n = 0; n < 8; n++)
      for (let p = 0; p < 256; p++)
        for (let c = 0; c < 3; c++) images[(n * 3 + c) * 256 + p] = Math.round(picked[(n * 256 + p) * 3 + c] * 255);
    engine.setData({ ...data, images, count: 8, labels: data.labels.subarray(0, 8) });
    engine.setOrder(Uint32Array.from({ length: 8 }, (_, i) => i));
    engine.step(0, { ...plain, learningRate: 0, augment: null });
    const again = await engine.trainingLogits();
    expect(Buffer.from(again.buffer).equals(Buffer.from(logits.buffer))).toBe(true);
    engine.dispose();
  });

  it('refuses a batch that no GPU could hold with one sentence that says what to do', async () => {
    const { StudioEngine } = await import('./studioEngine.ts');
    expect(
      () =>
        new StudioEngine(gpu(), {
          network: { ...network, widths: [512, 512, 512, 512], inputShape: [3, 64, 64] },
          gates: {},
          batch: 4096,
        }),
    ).toThrow(/use a smaller batch/);
  });

  it('takes at most 12 MB per image at m = 64, measured on what it allocates', async () => {
    const { StudioEngine } = await import('./studioEngine.ts');
    const wide: NetworkSpec = { ...network, widths: [64, 128, 256, 512], inputShape: [3, 32, 32], stemGate: true };
    const [small, large] = [4, 12].map((batch) => {
      const engine = new StudioEngine(gpu(), { network: wide, gates: {}, batch });
      const { bytes } = engine.memory;
      engine.dispose();
      return bytes;
    });
    const perImage = (large - small) / 8;
    console.log(`m = 64: ${(perImage / 1e6).toFixed(2)} MB per image`);
    expect(perImage).toBeLessThanOrEqual(12e6);
  });

  it('multiplies in 16 bits where the device can, close to 32; elsewhere it says what to switch off', async () => {
    const narrow: NetworkSpec = { ...network, blocks: [1], widths: [8] };
    const weights = initialWeights(narrow, 3);
    if (!gpu().device.features.has('shader-f16')) {
      await expect(make({ network: narrow, f16: true }, weights)).rejects.toThrow(/shader-f16.*switch "f16" off/);
      return;
    }
    const logits: Float32Array[] = [];
    for (const f16 of [false, true]) {
      const engine = await make({ network: narrow, f16 }, weights);
      engine.step(0, plain);
      logits.push(await engine.trainingLogits());
      engine.dispose();
    }
    const error = Math.hypot(...logits[0].map((value, i) => value - logits[1][i])) / Math.hypot(...logits[0]);
    console.log(`f16: logits differ by ${error.toExponential(1)} relative`);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(1e-2);
  });
});
