/**
 * The studio engine beside the stock one, over the whole Engine interface: the same data, seeds and settings give the same
 * pictures, losses, counts and weights, up to float32's rounding.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../src/engine/selfCheck/fixtureCheck.ts';
import type { GateMap } from '../src/domain/gateMap.ts';
import type { NetworkSpec } from '../src/domain/network.ts';
import type { Engine, EngineSettings, ImageSet, StepSettings, TensorMap } from '../src/engine/api.ts';
import { pcg } from '../src/engine/augment.ts';
import type { EngineKind } from '../src/engine/createEngine.ts';
import { initialWeights } from '../src/engine/initial.ts';
import { openGpuForTests } from './openGpu.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1, 2],
  widths: [6, 10],
  stemGate: true,
  inputShape: [3, 12, 12],
  classes: 4,
};
const gates: GateMap = {
  stem: { kind: 'mask', granularity: 'channel' },
  'layer1.0.gate1': { kind: 'mask', granularity: 'pixel' },
  'layer1.0.gate2': {
    kind: 'share',
    from: null,
    prototypes: [4, 1],
    source: [1, 1, 4, 4, 4, 1],
    masked: true,
    affine: 'trained',
  },
  'layer2.0.gate1': {
    kind: 'share',
    from: null,
    prototypes: [0, 1, 2, 3, 4],
    source: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4],
    masked: false,
    affine: 'fixed',
  },
  'layer2.0.gate2': { kind: 'identity' },
  'layer2.1.gate1': {
    kind: 'share',
    from: 'layer2.0.gate1',
    prototypes: [],
    source: [5, 5, 2, 0, 1, 9, 3, 3, 3, 7],
    masked: false,
    affine: 'trained',
  },
};

/** Four classes: which quadrant is bright; noise over it. */
const COUNT = 70;
const data: ImageSet = {
  images: new Uint8Array(COUNT * 3 * 144),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 4),
  count: COUNT,
  shape: [3, 12, 12],
  mean: [0.48, 0.5, 0.46],
  std: [0.21, 0.2, 0.25],
};
for (let i = 0, at = 0; i < COUNT; i++)
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 12; x++)
        data.images[at++] = (pcg(at * 7 + c) % 150) + ((y < 6 ? 0 : 2) + (x < 6 ? 0 : 1) === i % 4 ? 100 : 0);

/** 250 makes the comparison 1,000 steps long. */
const CURVE_EPOCHS = Number(process.env.CURVE_EPOCHS ?? 12);

const order = Uint32Array.from({ length: 64 }, (_, i) => (i * 37 + 5) % COUNT);
const BATCH = 16;

const settings: StepSettings = {
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-3 },
  learningRate: 0.02,
  maskLearningRate: 0.05,
  lambda: 1e-3,
  trainMasks: true,
  trainAffine: true,
  distillation: { temperature: 3, weight: 0.7 },
  soft: null,
  augment: { cropPadding: 2, flip: true, seed: 99 },
};

/** Largest relative error over all tensors. */
function distance(a: TensorMap, b: TensorMap): number {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  return Math.max(...[...a].map(([name, { data: values }]) => relativeError(values, b.get(name)!.data)));
}

describe('the two engines', () => {
  const gpu = openGpuForTests();
  let create: (kind: EngineKind, more?: Partial<EngineSettings>) => Engine;
  let studio: Engine;
  let stock: Engine;

  beforeAll(async () => {
    const { createEngine } = await import('../src/engine/createEngine.ts');
    create = (kind, more = {}) => {
      const engine = createEngine(
        kind,
        gpu(),
        { network, gates, batch: BATCH, teacher: true, ...more },
        { inspect: true },
      );
      engine.setData(data);
      engine.setWeights(initialWeights(network, 3));
      engine.setTeacher(initialWeights(network, 4), {});
      engine.setOrder(order);
      return engine;
    };
    studio = create('studio');
    stock = create('stock');
  }, 120_000);
  afterAll(() => {
    studio.dispose();
    stock.dispose();
  });

  const both = async <T>(read: (engine: Engine) => Promise<T>): Promise<[T, T]> => [
    await read(studio),
    await read(stock),
  ];
  const train = (engine: Engine, steps: number, change: Partial<StepSettings> = {}, first = 0) => {
    for (let i = first; i < first + steps; i++) engine.step((i % 4) * BATCH, { ...settings, ...change });
  };

  it('agree on losses, accuracy and weights after augmented steps with a teacher and a penalty', async () => {
    for (const engine of [studio, stock]) {
      engine.setWeights(initialWeights(network, 3));
      train(engine, 4);
    }
    const [ours, theirs] = await both((engine) => engine.metrics());
    expect(ours.steps).toBe(4);
    expect(ours.images).toBe(4 * BATCH);
    expect(ours.finite).toBe(true);
    expect(ours.accuracy).toBe(theirs.accuracy);
    for (const key of ['loss', 'crossEntropy', 'distillation', 'penalty'] as const) {
      expect(theirs[key]).toBeGreaterThan(0);
      expect(Math.abs(ours[key] / theirs[key] - 1)).toBeLessThan(1e-5);
    }
    expect(ours.loss).toBeCloseTo(ours.crossEntropy + ours.distillation + ours.penalty, 4);
    expect(distance(...(await both((engine) => engine.weights())))).toBeLessThan(1e-4);
    const velocities = await both(async (engine) => {
      const state = await engine.optimizerState();
      return new Map([...state].filter(([name]) => name.startsWith('first/')));
    });
    expect(distance(...velocities)).toBeLessThan(1e-3);
    const [cleared] = await both((engine) => engine.metrics());
    expect(cleared.steps).toBe(0);
  }, 120_000);

  it('agree on what they evaluate: accuracy, loss, logits, mask counts and pre-activations', async () => {
    // No multiple of the batch, and an image twice.
    const indices = Uint32Array.from({ length: 37 }, (_, i) => (i * 11) % COUNT);
    indices[36] = indices[0];
    const [ours, theirs] = await both((engine) => engine.evaluate(indices));
    expect(ours.images).toBe(37);
    expect(ours.accuracy).toBe(theirs.accuracy);
    expect(Math.abs(ours.loss / theirs.loss - 1)).toBeLessThan(1e-4);
    for (const soft of [null, { slope: 1.5, mix: 0.25 }]) {
      const [a, b] = await both((engine) => engine.logits(indices, { soft }));
      expect(a).toHaveLength(37 * 4);
      expect(relativeError(a, b)).toBeLessThan(1e-4);
    }
    const [counts, otherCounts] = await both((engine) => engine.maskCounts(0.99));
    expect(counts).toEqual(otherCounts);
    expect(Object.keys(counts).sort()).toEqual(['layer1.0.gate1', 'layer1.0.gate2', 'stem']);
    expect(counts.stem).toBeLessThanOrEqual(6);
    for (const site of ['stem', 'layer2.0.gate1', 'layer2.1.gate2']) {
      const [a, b] = await both((engine) => engine.preActivations(site, indices.subarray(0, 5)));
      expect(a.shape).toEqual(b.shape);
      expect(relativeError(a.data, b.data)).toBeLessThan(1e-4);
    }
  }, 120_000);

  it('leave frozen masks and affines as they are, and move everything else alike', async () => {
    const change: Partial<StepSettings> = {
      optimizer: { kind: 'adam', weightDecay: 1e-2 },
      learningRate: 1e-3,
      lambda: 0,
      trainMasks: false,
      trainAffine: false,
    };
    const before = await stock.weights();
    for (const engine of [studio, stock]) {
      engine.setWeights(before);
      train(engine, 2, change);
    }
    const [ours, theirs] = await both((engine) => engine.weights());
    const frozen = [...before.keys()].filter((name) => /\.(alpha|scale|shift)$/.test(name));
    expect(frozen).toHaveLength(7);
    for (const after of [ours, theirs])
      for (const name of frozen) expect(after.get(name)!.data).toEqual(before.get(name)!.data);
    expect(distance(ours, theirs)).toBeLessThan(2e-3);
    expect(relativeError(ours.get('conv1.weight')!.data, before.get('conv1.weight')!.data)).toBeGreaterThan(1e-3);
  }, 120_000);

  it('add up micro batches alike', async () => {
    const parts = [create('studio', { microBatch: 4 }), create('stock', { microBatch: 4 })];
    for (const engine of parts) train(engine, 1);
    const [ours, theirs] = await Promise.all(parts.map((engine) => engine.gradients()));
    expect(distance(ours, theirs)).toBeLessThan(1e-3);
    const logits = await Promise.all(parts.map((engine) => engine.trainingLogits()));
    for (const found of logits) expect(found).toHaveLength(BATCH * network.classes);
    expect(relativeError(logits[0], logits[1])).toBeLessThan(1e-4);
    const [m, n] = await Promise.all(parts.map((engine) => engine.metrics()));
    expect(m.accuracy).toBe(n.accuracy);
    expect(Math.abs(m.distillation / n.distillation - 1)).toBeLessThan(1e-4);
    const [a, b] = await Promise.all(parts.map((engine) => engine.weights()));
    expect(distance(a, b)).toBeLessThan(1e-4);
    for (const engine of parts) engine.dispose();
  }, 120_000);

  it('square gradients for Adam alike, to the last digits of 1 − β', async () => {
    const parts = [create('studio'), create('stock')];
    for (const engine of parts) train(engine, 1, { optimizer: { kind: 'adam', weightDecay: 0 } });
    const [ours, theirs] = await Promise.all(
      parts.map(async (engine) => (await engine.optimizerState()).get('second/fc.weight')!.data),
    );
    expect(relativeError(ours, theirs)).toBeLessThan(5e-6);
    for (const engine of parts) engine.dispose();
  }, 120_000);

  it.each(['studio', 'stock'] as const)(
    '%s: refuses pictures, labels, indices and steps that are not there, and goes on',
    async (kind) => {
      const engine = create(kind);
      const refuses = async (act: () => unknown, message: RegExp) => {
        const error = await Promise.resolve()
          .then(act)
          .then(
            () => null,
            (cause: unknown) => cause as Error,
          );
        expect(error?.name).toBe('ImagesError');
        expect(error?.message).toMatch(message);
      };
      const labels = data.labels.slice();
      labels[3] = 7;
      await refuses(() => engine.setData({ ...data, labels }), /label 7.*4 classes/);
      await refuses(() => engine.setData({ ...data, shape: [1, 12, 36] }), /1×12×36.*3×12×12/);
      await refuses(() => engine.setData({ ...data, mean: [0.5] }), /3 of each, not 1 and 3/);
      await refuses(() => engine.setOrder(Uint32Array.of(0, COUNT)), /Image 70.*has 70/);
      for (const at of [order.length - BATCH + 1, -1, 0.5])
        await refuses(() => engine.step(at, settings), /order of 64/);
      const beyond = Uint32Array.of(1, COUNT + 2);
      await refuses(() => engine.evaluate(beyond), /Image 72/);
      await refuses(() => engine.logits(beyond), /Image 72/);
      await refuses(() => engine.preActivations('stem', beyond), /Image 72/);
      await expect(engine.preActivations('layer3.0.gate1', order)).rejects.toThrow(/no gate site "layer3.0.gate1"/);
      train(engine, 1);
      expect((await engine.metrics()).finite).toBe(true);
      engine.setData(data);
      await refuses(() => engine.step(0, settings), /order of 0/);
      engine.dispose();
    },
    120_000,
  );

  it.each(['studio', 'stock'] as const)(
    '%s: a run taken up again ends bit for bit where it would have ended',
    async (kind) => {
      for (const optimizer of [
        { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
        { kind: 'adam', weightDecay: 0 },
      ] as const) {
        const change = { optimizer, learningRate: 1e-3 };
        const whole = create(kind);
        train(whole, 6, change);
        const first = create(kind);
        train(first, 3, change);
        const [weights, state] = [await first.weights(), await first.optimizerState()];
        first.dispose();
        const second = create(kind);
        second.setWeights(weights);
        second.setOptimizerState(state);
        train(second, 3, change, 3);
        expect([...(await second.weights())]).toEqual([...(await whole.weights())]);
        whole.dispose();
        second.dispose();
      }
    },
    180_000,
  );

  it('follow one loss curve, and learn', async () => {
    const curves: number[][] = [];
    for (const engine of [studio, stock]) {
      engine.setWeights(initialWeights(network, 3));
      const curve: number[] = [];
      for (let epoch = 0; epoch < CURVE_EPOCHS; epoch++) {
        train(engine, 4, { distillation: null, lambda: 1e-4, augment: { cropPadding: 1, flip: false, seed: epoch } });
        curve.push((await engine.metrics()).crossEntropy);
      }
      curves.push(curve);
    }
    const [ours, theirs] = curves;
    expect(ours.at(-1)!).toBeLessThan(0.6 * ours[0]);
    const mean = (curve: number[]) => curve.reduce((sum, loss) => sum + loss, 0) / curve.length;
    if (process.env.CURVE_EPOCHS) {
      const tenths = (curve: number[]) =>
        Array.from({ length: 10 }, (_, i) =>
          mean(curve.slice((i * curve.length) / 10, ((i + 1) * curve.length) / 10)).toFixed(4),
        ).join(' ');
      console.log(
        `${4 * CURVE_EPOCHS} steps, mean loss by tenths\n  studio ${tenths(ours)}\n  stock  ${tenths(theirs)}`,
      );
    }
    expect(Math.abs(mean(ours) / mean(theirs) - 1)).toBeLessThan(0.02);
  }, 300_000);

  it('leaves no tensor behind in the stock engine', async () => {
    train(stock, 1);
    await stock.metrics();
    const { numTensors } = tf.memory();
    train(stock, 3);
    await stock.metrics();
    await stock.evaluate(Uint32Array.of(0, 1, 2));
    expect(tf.memory().numTensors).toBe(numTensors);
  }, 120_000);
});
