/**
 * The dispatches of a training step on a GPU, laid out without one: the engine's own plan over buffers that only have sizes.
 */
import type { EngineSettings } from '../src/engine/api.ts';
import type { Gpu } from '../src/engine/device.ts';
import type { DispatchSpec } from '../src/engine/gpu/recording.ts';
import { StudioEngine } from '../src/engine/studio/studioEngine.ts';

/** Flags of buffers, as WebGPU numbers them; Node has none before Dawn is loaded. */
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128, QUERY_RESOLVE: 512 };

const LIMITS = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 32 - 4,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeInvocationsPerWorkgroup: 1024,
};

function gpuWithoutDevice(kernels: Gpu['kernels']): Gpu {
  const device = {
    limits: LIMITS,
    features: new Set<string>(),
    createBuffer: ({ size, label }: GPUBufferDescriptor) => ({ size, label, destroy: () => undefined }),
    queue: { writeBuffer: () => undefined },
    lost: new Promise(() => undefined),
  } as unknown as GPUDevice;
  return {
    device,
    backend: null as unknown as Gpu['backend'],
    vendor: '',
    architecture: '',
    description: 'no device',
    software: false,
    kernels,
    features: [],
    limits: LIMITS,
    failure: () => null,
    onFailure: () => undefined,
    close: () => undefined,
  };
}

/** @throws what the engine throws where network, gates and batch do not fit together */
export function plannedStep(settings: EngineSettings, kernels: Gpu['kernels'] = 'hardware'): readonly DispatchSpec[] {
  if (!('GPUBufferUsage' in globalThis)) Object.assign(globalThis, { GPUBufferUsage: USAGE });
  const engine = new StudioEngine(gpuWithoutDevice(kernels), settings);
  const specs = engine.plannedStep;
  engine.dispose();
  return specs;
}
