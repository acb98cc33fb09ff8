/**
 * Counts compute dispatches and queue submissions of the whole thread, by wrapping WebGPU's own methods once. The stock engine
 * reports its dispatches by it, and benchmarks count every contender alike.
 */
let dispatches = 0;
let submits = 0;
let wrapped = false;

function wrap<T extends object, K extends keyof T>(prototype: T, method: K, count: () => void): void {
  const original = prototype[method] as (...args: unknown[]) => unknown;
  prototype[method] = function (this: T, ...args: unknown[]) {
    count();
    return original.apply(this, args);
  } as T[K];
}

/** Starts counting; later calls do nothing. */
export function countDispatches(): void {
  if (wrapped) return;
  wrapped = true;
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => dispatches++);
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => dispatches++);
  wrap(GPUQueue.prototype, 'submit', () => submits++);
}

/** Totals since counting began. */
export const dispatchTotals = () => ({ dispatches, submits });
