/**
 * WebGPU in Node: puts Dawn (npm `webgpu`) where a browser has `navigator.gpu`. Call before anything loads tfjs, whose
 * backend looks for it at import time.
 *
 * Dawn polls for completed work in a setImmediate loop that keeps one core busy. On a software adapter that core is missing for
 * the computation. The loop's callbacks are the only native functions that reach setImmediate, so those are slowed down to one
 * poll in two milliseconds.
 */
import { GpuError } from '../engine/errors.ts';
import { noAdapterText, prepareVulkan, fallBackToSoftware } from './vulkan/prepare.ts';

const POLL_MS = 2;

/** Kept here because Dawn's GPU object must stay referenced while devices live. */
let instance: GPU | null = null;

async function loadDawn() {
  try {
    return await import('webgpu');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND')
      throw new GpuError(
        'The npm package "webgpu" (Dawn) is not installed: run "npm install" with optional packages allowed.',
        { cause },
      );
    throw new GpuError(
      `The npm package "webgpu" (Dawn) does not load on this machine (${message.split('\n')[0]}): on Linux it needs x86-64 or arm64 ` +
        'with glibc 2.34 or newer and libstdc++, as in Debian 12, Ubuntu 22.04, Fedora 35 or Arch; Alpine (musl) cannot run it.',
      { cause },
    );
  }
}

/** @throws GpuError with one sentence where Dawn is missing, does not load, or finds no adapter. */
export async function provideGpu(): Promise<void> {
  if (instance) return;
  const dawn = await loadDawn();
  const facts = await prepareVulkan();
  throttlePolling();
  Object.assign(globalThis, dawn.globals);
  instance = dawn.create([]);
  if (!(await instance.requestAdapter()) && (await fallBackToSoftware(facts))) instance = dawn.create([]);
  if (!(await instance.requestAdapter())) {
    instance = null;
    throw new GpuError(noAdapterText('WebGPU (Dawn) finds no adapter'));
  }
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
