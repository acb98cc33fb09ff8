/**
 * The device of this worker, opened when it is first needed (which loads tfjs). A lost device cannot be opened again in the same
 * thread: the page then starts a new worker.
 */
import type { Gpu, GpuError } from '../engine/device.ts';
import type { Engine, EngineSettings, Progress } from '../engine/api.ts';
import { tuningStore } from './tuningStore.ts';

let opened: Promise<Gpu> | null = null;
const listeners = new Set<(error: GpuError) => void>();

/** @throws GpuError where there is no WebGPU or no adapter. */
export function gpu(): Promise<Gpu> {
  opened ??= open();
  opened.catch(() => (opened = null));
  return opened;
}

async function open(): Promise<Gpu> {
  const { openDevice } = await import('../engine/device.ts');
  const device = await openDevice();
  device.onFailure((error) => {
    for (const listener of listeners) listener(error);
  });
  return device;
}

/** Calls the listener at the first failure of the device. */
export const onGpuFailure = (listener: (error: GpuError) => void): void => void listeners.add(listener);

/** Whether the device was lost, rather than one operation refused. */
export const isLoss = (error: Error): boolean => error.message.startsWith('The GPU was lost');

export async function makeEngine(settings: EngineSettings, onTuning?: Progress): Promise<Engine> {
  const device = await gpu();
  const { createTunedEngine } = await import('../engine/createEngine.ts');
  return createTunedEngine(device, settings, tuningStore, onTuning);
}
