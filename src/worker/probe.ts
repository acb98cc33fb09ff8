/**
 * Detects the GPU without loading the engine: requests an adapter and reads its name, so that the page knows within milliseconds
 * whether it can train. The engine opens its own device when the first run starts.
 */
import { isSoftwareAdapter } from '../engine/softwareAdapter.ts';
import type { DeviceInfo } from './protocol.ts';

const NO_LIMITS = { maxBufferSize: 0, maxStorageBufferBindingSize: 0, maxComputeInvocationsPerWorkgroup: 0 };

const missing = (reason: string): DeviceInfo => ({
  available: false,
  reason,
  vendor: '',
  architecture: '',
  description: '',
  software: false,
  features: [],
  limits: NO_LIMITS,
});

/** The version or setting that enables WebGPU in the present browser. */
export function howToGetWebGpu(agent: string): string {
  if (!globalThis.isSecureContext) return 'WebGPU requires a secure page: open the studio over https or on localhost.';
  if (/Firefox\//.test(agent))
    return 'This Firefox has no WebGPU here: use version 141 or newer on Windows, 145 on a Mac, or set dom.webgpu.enabled in about:config.';
  if (/Chrome\//.test(agent))
    return /Linux|X11/.test(agent) && !/Android/.test(agent)
      ? 'WebGPU is off in this browser: enable chrome://flags/#enable-unsafe-webgpu and chrome://flags/#enable-vulkan, then restart it.'
      : 'This browser has no WebGPU: use Chrome or Edge 113 or newer, with hardware acceleration on in its settings.';
  if (/Safari\//.test(agent))
    return 'This Safari has no WebGPU: use Safari 26 or newer, or enable WebGPU under Develop, Feature flags.';
  return 'This browser has no WebGPU: use Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer.';
}

export async function probe(navigator: Navigator): Promise<DeviceInfo> {
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return missing(howToGetWebGpu(navigator.userAgent));
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    return missing(
      'The browser supports WebGPU but offers no GPU: enable hardware acceleration, update the graphics driver, or allow it in chrome://flags/#enable-unsafe-webgpu.',
    );
  const { vendor, architecture, device, description } = adapter.info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup } = adapter.limits;
  return {
    available: true,
    vendor,
    architecture,
    description: description || device || `${vendor} ${architecture}`.trim() || 'unnamed GPU',
    software: isSoftwareAdapter(adapter.info),
    features: [...adapter.features],
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup },
  };
}
