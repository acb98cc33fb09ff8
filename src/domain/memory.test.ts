import { describe, expect, it } from 'vitest';
import { bytesFor, gateParameterCount, largestBatch, memoryOf } from './memory.ts';
import type { NetworkSpec } from './network.ts';

const resnet18: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [64, 128, 256, 512],
  stemGate: true,
  inputShape: [3, 32, 32],
  classes: 10,
};

describe('memory', () => {
  it('of ResNet-18 m=64 stays under 12 MB an image, by the formula', () => {
    const memory = memoryOf(resnet18, {}, { optimizer: 'sgd', teacher: false, images: 0 });
    // input + (557,056 site outputs) + (557,056 + 32,768 + 16,384 + 8,192 raw outputs) + 4 · 65,536
    expect(memory.perImage).toBe(4 * (3072 + 557_056 + 614_400 + 4 * 65_536));
    expect(memory.perImage).toBeLessThan(12e6);
    // weights three times; 9,600 running statistics (mean and variance of 4,800 normed channels)
    expect(memory.fixed).toBe(4 * (3 * 11_173_962 + 9_600));
    expect(bytesFor(memory, 128)).toBe(memory.fixed + 128 * memory.perImage);
  });

  it('counts masks, affines, a teacher and the data set', () => {
    const plain = memoryOf(resnet18, {}, { optimizer: 'adam', teacher: false, images: 0 });
    const gates = {
      stem: { kind: 'mask', granularity: 'pixel' },
      'layer1.0.gate1': {
        kind: 'share',
        from: null,
        prototypes: [0],
        source: Array<number>(64).fill(0),
        masked: true,
        affine: 'trained',
      },
    } as const;
    const mutable = structuredClone(gates) as unknown as Parameters<typeof memoryOf>[1];
    expect(gateParameterCount(resnet18, mutable)).toBe(65_536 + 1024 + 128);
    const masked = memoryOf(resnet18, mutable, { optimizer: 'adam', teacher: true, images: 50_000 });
    const extra = 4 * 4 * (65_536 + 1024 + 128);
    expect(masked.fixed - plain.fixed).toBe(extra + 4 * (11_173_962 + 9_600 + 65_536 + 1024 + 128) + 50_000 * 3072);
    expect(masked.perImage - plain.perImage).toBe(4 * 3 * 65_536);
  });

  it('gives the largest batch within memory and within one buffer', () => {
    const memory = { fixed: 100, perImage: 10, largestPerImage: 4 };
    expect(largestBatch(memory, { budget: 205, bufferLimit: 1000 })).toBe(10);
    expect(largestBatch(memory, { budget: 205, bufferLimit: 39 })).toBe(9);
    expect(largestBatch(memory, { budget: 50, bufferLimit: 39 })).toBe(0);
  });
});
