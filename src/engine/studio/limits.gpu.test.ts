/** Small GPUs: data sets that need several bindings, lists of workgroups that are too long. */
import { describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../../test/openGpu.ts';
import type { ImageSet } from '../api.ts';
import { gatherReference } from '../augment.ts';
import { HYPER_BYTES, packHyper } from '../gpu/kernel.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { PipelineCache } from '../gpu/pipelines.ts';
import { Recording } from '../gpu/recording.ts';
import { poolKernel } from '../kernels/head.ts';
import { Dataset } from './dataset.ts';
import { neutralHyper } from './hyper.ts';

/** A GPU whose bindings hold `bytes`. */
const boundTo = (device: GPUDevice, bytes: number): GPUDevice =>
  new Proxy(device, {
    get(target, name) {
      if (name === 'limits') return { maxBufferSize: 1 << 28, maxStorageBufferBindingSize: bytes };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });

/** Images of an odd number of bytes, so that words and images do not fall together. */
const imageSetOf = (count: number): ImageSet => ({
  images: Uint8Array.from({ length: count * 3 * 5 * 7 }, (_, i) => (i * 131 + (i >> 7)) % 256),
  labels: Uint8Array.from({ length: count }, (_, i) => (i * 5) % 11),
  count,
  shape: [3, 5, 7],
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.3, 0.25],
});

describe('a small GPU', () => {
  const gpu = openGpuForTests();

  it.each([
    { count: 13, chunks: 1 },
    { count: 23, chunks: 2 },
    { count: 61, chunks: 4 },
  ])('gathers $count images out of $chunks bindings', async ({ count, chunks }) => {
    // Room for 19 images, of which 16 make whole words.
    const memory = new GpuMemory(boundTo(gpu().device, 512 + 19 * 105));
    const set = imageSetOf(count);
    const data = new Dataset(memory, set);
    expect(data.chunks).toHaveLength(chunks);
    const order = Uint32Array.from({ length: count }, (_, i) => (i * 7 + 3) % count);
    const hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    const orderSlice = memory.allocate(4 * count, 'order');
    const batch = 4;
    const images = memory.allocate(batch * 35 * 16, 'images');
    const labels = memory.allocate(4 * batch, 'labels');
    const recording = new Recording(memory, new PipelineCache(gpu().device), hyper);
    recording.add(data.gather(orderSlice, batch, images, labels));
    gpu().device.queue.writeBuffer(orderSlice.buffer, 0, order);
    const augment = { cropPadding: 1, flip: true, seed: 4 };
    for (let at = 0; at + batch <= count; at += batch) {
      gpu().device.queue.writeBuffer(
        hyper.buffer,
        0,
        packHyper({ ...neutralHyper(), at, cropPadding: 1, flip: 1, seed: 4 }),
      );
      recording.compileNow();
      const encoder = gpu().device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      recording.encode(pass);
      pass.end();
      gpu().device.queue.submit([encoder.finish()]);
      const found = new Float32Array(await memory.read(images, batch * 35 * 16));
      const wanted = gatherReference(set, order.subarray(at, at + batch), at, augment);
      wanted.forEach((value, i) => expect(found[Math.floor(i / 3) * 4 + (i % 3)]).toBeCloseTo(value, 5));
      expect([...new Uint32Array(await memory.read(labels, 4 * batch))]).toEqual(
        Array.from(order.subarray(at, at + batch), (image) => set.labels[image]),
      );
    }
    memory.dispose();
  });

  it('refuses more images than four bindings hold, and says how many bytes they hold', () => {
    const memory = new GpuMemory(boundTo(gpu().device, 512 + 19 * 105));
    expect(() => new Dataset(memory, imageSetOf(65))).toThrow(/more than this GPU can bind.*use fewer images/);
    memory.dispose();
  });

  it('refuses a dispatch that is longer than it takes, naming the layer', () => {
    const memory = new GpuMemory(gpu().device);
    const slice = memory.allocate(256, 'test');
    const recording = new Recording(memory, new PipelineCache(gpu().device), slice);
    const spec = { label: 'layer1.0.conv1 forward', kernel: poolKernel, buffers: { x: slice, pooled: slice } };
    recording.add({ ...spec, grid: [65535, 1, 1] });
    expect(() => recording.add({ ...spec, grid: [1, 1 << 24, 1] })).toThrow(
      /layer1\.0\.conv1 forward takes 16,777,216 workgroups.*smaller batch/,
    );
    memory.dispose();
  });
});
