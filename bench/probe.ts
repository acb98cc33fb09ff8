/**
 * Watches WebGPU itself, so that every contender is counted alike: dispatches, submissions, and bytes of live GPU buffers.
 */
import { countDispatches, dispatchTotals } from '../src/engine/stock/dispatchCount.ts';

let live = 0;
let peak = 0;

/** Starts watching; call once, before any device is made. */
export function watchGpu(): void {
  countDispatches();
  const createBuffer = GPUDevice.prototype.createBuffer;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    live += descriptor.size;
    peak = Math.max(peak, live);
    let destroyed = false;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      if (!destroyed) live -= descriptor.size;
      destroyed = true;
      return destroy();
    };
    return buffer;
  };
}

export interface GpuCounts {
  dispatches: number;
  submits: number;
  /** Bytes of buffers created and not destroyed; and the most there ever were. */
  bytes: number;
  peakBytes: number;
}

export const gpuCounts = (): GpuCounts => ({ ...dispatchTotals(), bytes: live, peakBytes: peak });
