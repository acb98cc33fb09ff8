/**
 * Opens the GPU: one adapter, one device, owned by tfjs's WebGPU backend and shared with the studio's own kernels.
 *
 * The device is requested here rather than by tfjs so that features and limits that tfjs does not ask for (shader-f16,
 * more storage buffers a shader) are there, and so that a missing adapter is a sentence instead of a TypeError. tfjs listens
 * to neither device.lost nor uncapturederror: a buffer over the limit would read as zeros. Both are listened to here from the start.
 */
import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { GpuError } from './errors.ts';
import { isSoftwareAdapter } from './softwareAdapter.ts';

export { GpuError };

export interface GpuLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
  maxComputeInvocationsPerWorkgroup: number;
}

export interface Gpu {
  device: GPUDevice;
  backend: WebGPUBackend;
  vendor: string;
  architecture: string;
  description: string;
  /** A software rasteriser: right for tests, slow for training. */
  software: boolean;
  /** Which kernels run: those for GPUs, or the variants that suit software rasterisers. See KERNELS_VARIABLE. */
  kernels: 'hardware' | 'software';
  features: string[];
  limits: GpuLimits;
  /** The first thing that went wrong on the device, or null. Check it before believing a result. */
  failure(): GpuError | null;
  /** Called once when the device is lost or reports an error. */
  onFailure(listener: (error: GpuError) => void): void;
  close(): void;
}

const WANTED_FEATURES: GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];
const WANTED_LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeInvocationsPerWorkgroup',
  'maxStorageBuffersPerShaderStage',
] as const;

/**
 * Environment variable of tests and benchmarks in Node: `hardware` makes the engine run a GPU's kernels (workgroup memory, workgroup
 * reductions, no subgroup broadcasts) on a software adapter too.
 */
const KERNELS_VARIABLE = 'RELU_STUDIO_KERNELS';

/** @throws GpuError where the environment names no known set of kernels */
function kernelsFor(software: boolean): Gpu['kernels'] {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const wanted = process?.env?.[KERNELS_VARIABLE];
  if (wanted === undefined || wanted === '') return software ? 'software' : 'hardware';
  if (wanted !== 'hardware' && wanted !== 'software')
    throw new GpuError(`${KERNELS_VARIABLE} is "${wanted}": set it to hardware or software, or leave it out.`);
  return wanted;
}

/**
 * Requests the adapter and device and makes tfjs's WebGPU backend current on it. Once per thread: after a loss the thread
 * must end, since tfjs cannot register the backend again.
 * @throws GpuError where there is no WebGPU or no adapter.
 */
export async function openDevice(): Promise<Gpu> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu)
    throw new GpuError(
      'WebGPU is missing here: use Chrome or Edge 113 or newer, Safari 26, or Firefox 141 on Windows, over https or localhost.',
    );
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new GpuError(
      'WebGPU is there but offers no GPU: update the graphics driver, or allow a software one in chrome://flags/#enable-unsafe-webgpu.',
    );
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((name) => adapter.features.has(name)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]])),
  });

  let failure: GpuError | null = null;
  let closing = false;
  const listeners: ((error: GpuError) => void)[] = [];
  const fail = (message: string) => {
    if (failure || closing) return;
    failure = new GpuError(message);
    for (const listener of listeners) listener(failure);
  };
  void device.lost.then((info) =>
    fail(`The GPU was lost (${info.message || info.reason}). The run goes on from its last checkpoint.`),
  );
  device.addEventListener('uncapturederror', (event) => {
    const error = (event as GPUUncapturedErrorEvent).error;
    const kind = error instanceof GPUOutOfMemoryError ? 'The GPU is out of memory' : 'The GPU refused an operation';
    fail(`${kind}: ${error.message}`);
  });

  const backend = new WebGPUBackend(device, adapter.info);
  // tfjs registers a backend of its own where it found navigator.gpu at import.
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend, 3);
  // Small tensors must not slip to the CPU backend: what is tested is what runs.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  await tf.setBackend('webgpu');
  await tf.ready();

  const { vendor, architecture, description } = adapter.info;
  const software = isSoftwareAdapter(adapter.info);
  return {
    device,
    backend,
    vendor,
    architecture,
    description: description || adapter.info.device || `${vendor} ${architecture}`.trim() || 'unnamed GPU',
    software,
    kernels: kernelsFor(software),
    features: [...device.features],
    limits: {
      maxBufferSize: device.limits.maxBufferSize,
      maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize,
      maxComputeInvocationsPerWorkgroup: device.limits.maxComputeInvocationsPerWorkgroup,
    },
    failure: () => failure,
    onFailure: (listener) => {
      if (failure) listener(failure);
      else listeners.push(listener);
    },
    close: () => {
      closing = true;
      device.destroy();
    },
  };
}
