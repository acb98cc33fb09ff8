/** Memory estimates: exact where counted by hand, monotonic elsewhere. */
import { describe, expect, it } from 'vitest';
import { bytesFor, gateParameterCount, largestBatch, memoryOf } from './memory.ts';
import type { GateMap } from './gateMap.ts';
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
  const options = { teacher: false, images: 0 };

  it('of ResNet-18 m=64 stays under 12 MB an image, by the formula', () => {
    const memory = memoryOf(resnet18, {}, options);
    // padded input + (557,056 site outputs) + (557,056 + 32,768 + 16,384 + 8,192 raw outputs) + 3 · 65,536
    expect(memory.perImage).toBe(4 * (4096 + 557_056 + 614_400 + 3 * 65_536));
    expect(memory.perImage).toBeLessThan(12e6);
    // parameters four times; 9,600 running statistics (mean and variance of 4,800 normed channels)
    expect(memory.fixed).toBe(4 * (4 * 11_173_962 + 9_600));
  });

  it.each([
    [64, 64, 561_001_472],
    [64, 16, 286_008_064],
    [16, 64, 121_693_184],
    [16, 16, 42_603_264],
  ])(
    'is, at m=%d and %d images, what the engine was seen to allocate, or up to a fifth more',
    (m, batch, allocated) => {
      const spec = { ...resnet18, widths: [m, 2 * m, 4 * m, 8 * m] };
      const predicted = bytesFor(memoryOf(spec, {}, options), batch);
      expect(predicted / allocated).toBeGreaterThan(1);
      expect(predicted / allocated).toBeLessThan(1.25);
    },
  );

  it('counts masks, affines, a teacher and the data set', () => {
    const plain = memoryOf(resnet18, {}, options);
    const gates: GateMap = {
      stem: { kind: 'mask', granularity: 'pixel' },
      'layer1.0.gate1': {
        kind: 'share',
        from: null,
        prototypes: [0],
        source: Array<number>(64).fill(0),
        masked: true,
        affine: 'trained',
      },
    };
    const gated = 65_536 + 1024 + 128;
    expect(gateParameterCount(resnet18, gates)).toBe(gated);
    const masked = memoryOf(resnet18, gates, { teacher: true, images: 50_000 });
    expect(masked.fixed - plain.fixed).toBe(4 * 4 * gated + 4 * (11_173_962 + 9_600 + gated) + 50_000 * 3072);
    expect(masked.perImage - plain.perImage).toBe(4 * 3 * 65_536);
  });

  it('gives the largest batch within memory and within one buffer', () => {
    const memory = memoryOf(resnet18, {}, options);
    for (const budget of [100e6, 200e6, 230e6, 400e6, 2e9]) {
      const batch = largestBatch(memory, { budget, bufferLimit: Infinity });
      expect(bytesFor(memory, batch + 1)).toBeGreaterThan(budget);
      expect(batch === 0 || bytesFor(memory, batch) <= budget).toBe(true);
    }
    expect(largestBatch(memory, { budget: Infinity, bufferLimit: 128 * 2 ** 20 })).toBe(512);
    expect(largestBatch(memory, { budget: 1e6, bufferLimit: Infinity })).toBe(0);
  });
});
