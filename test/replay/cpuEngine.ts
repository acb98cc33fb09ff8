/** The stock engine on tfjs's CPU backend: trains tiny networks where there is no GPU, by code that is not the studio's kernels. */
import * as tf from '@tensorflow/tfjs';
import type { Engine, EngineSettings } from '../../src/engine/api.ts';
import type { Gpu } from '../../src/engine/device.ts';
import { StockEngine } from '../../src/engine/stock/stockEngine.ts';

/** What the stock engine asks of a device, where there is none. */
const NO_GPU = {
  backend: {
    bufferManager: { getNumUsedBuffers: () => 0, getNumFreeBuffers: () => 0 },
    memory: () => ({ numBytesAllocatedInGPU: 0 }),
  },
  failure: () => null,
} as unknown as Gpu;

class CpuEngine extends StockEngine {
  constructor(settings: EngineSettings) {
    super(NO_GPU, settings);
  }

  override settle(): Promise<void> {
    return Promise.resolve();
  }
}

/** The stock engine counts dispatches by wrapping methods of these. */
const webgpu = {
  GPUComputePassEncoder: class {
    dispatchWorkgroups() {}
    dispatchWorkgroupsIndirect() {}
  },
  GPUQueue: class {
    submit() {}
  },
};

/** For the whole process: tfjs computes on the CPU from here on. */
export async function openCpu(): Promise<(settings: EngineSettings) => Engine> {
  Object.assign(globalThis, webgpu);
  await tf.setBackend('cpu');
  return (settings) => new CpuEngine(settings);
}
