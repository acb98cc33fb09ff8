/**
 * What GPU there is, without loading the engine: asks for an adapter and reads its name, so that the page knows within
 * milliseconds whether it can train. The engine opens its own device when the first run starts.
 */
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

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Which version or setting brings WebGPU to the browser at hand. */
export function howToGetWebGpu(agent: string): string {
  if (!globalThis.isSecureContext) return 'WebGPU needs a secure page: open the studio over https or on localhost.';
  if (/Firefox\//.test(agent))
    return 'This Firefox has no WebGPU here: use version 141 or newer on Windows, 145 on a Mac, or set dom.webgpu.enabled in about:config.';
  if (/Chrome\//.test(agent))
    return /Linux|X11/.test(agent) && !/Android/.test(agent)
      ? 'WebGPU is off in this browser: switch on chrome://flags/#enable-unsafe-webgpu and chrome://flags/#enable-vulkan, then start it again.'
      : 'This browser has no WebGPU: use Chrome or Edge 113 or newer, with hardware acceleration on in its settings.';
  if (/Safari\//.test(agent))
    return 'This Safari has no WebGPU: use Safari 26 or newer, or switch WebGPU on under Develop, Feature flags.';
  return 'This browser has no WebGPU: use Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer.';
}

export async function probe(navigator: Navigator): Promise<DeviceInfo> {
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return missing(howToGetWebGpu(navigator.userAgent));
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    return missing(
      'WebGPU is there, but the browser offers no GPU: switch on hardware acceleration, update the graphics driver, or allow it in chrome://flags/#enable-unsafe-webgpu.',
    );
  const { vendor, architecture, device, description } = adapter.info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup } = adapter.limits;
  return {
    available: true,
    vendor,
    architecture,
    description: description || device || `${vendor} ${architecture}`.trim() || 'unnamed GPU',
    software:
      SOFTWARE.test(`${vendor} ${architecture} ${device} ${description}`) ||
      ('isFallbackAdapter' in adapter.info && adapter.info.isFallbackAdapter === true),
    features: [...adapter.features],
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup },
  };
}
