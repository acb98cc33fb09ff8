/**
 * WebGPU in Node: puts Dawn (npm `webgpu`) where a browser has `navigator.gpu`. Call before anything loads tfjs, whose
 * backend looks for it at import time.
 *
 * Dawn polls for completed work in a setImmediate loop that keeps one core busy; on a software rasteriser that core is
 * half the GPU. The loop's callbacks are the only native functions that reach setImmediate, so those are slowed down to one
 * poll in two milliseconds.
 */
const POLL_MS = 2;

/** Kept here because Dawn's GPU object must stay referenced while devices live. */
let instance: GPU | null = null;

/** @throws Error with one sentence where the optional package is missing. */
export async function provideGpu(): Promise<void> {
  if (instance) return;
  const dawn = await import('webgpu').catch((cause: unknown) => {
    throw new Error(
      'The npm package "webgpu" (Dawn) is not installed: run "npm install" with optional packages allowed.',
      { cause },
    );
  });
  throttlePolling();
  Object.assign(globalThis, dawn.globals);
  instance = dawn.create([]);
  const navigator = (globalThis.navigator as Navigator | undefined) ?? {};
  Object.defineProperty(navigator, 'gpu', { value: instance, configurable: true });
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}

function throttlePolling(): void {
  const immediate = globalThis.setImmediate;
  const throttled = (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    /\[native code\]/.test(Function.prototype.toString.call(callback))
      ? setTimeout(callback, POLL_MS, ...args)
      : immediate(callback, ...args);
  globalThis.setImmediate = Object.assign(throttled, immediate) as unknown as typeof setImmediate;
}
