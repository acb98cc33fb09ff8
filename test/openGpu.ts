/** The GPU of a test file: one Dawn device, opened once. A device error fails the test in which it occurs. */
import { afterEach, beforeAll } from 'vitest';
import { provideGpu } from '../src/cli/nodeGpu.ts';
import type { EngineKind } from '../src/engine/createEngine.ts';
import type { Gpu } from '../src/engine/device.ts';

/** The engines that a test compares with PyTorch. The kernels of real GPUs are the studio engine's alone. */
export const engineKinds: readonly EngineKind[] =
  process.env.RELU_STUDIO_KERNELS === 'hardware' ? ['studio'] : ['studio', 'stock'];

/** Call at the top of a GPU test file. The returned function gives the open GPU inside tests. */
export function openGpuForTests(): () => Gpu {
  let gpu: Gpu | null = null;
  beforeAll(async () => {
    await provideGpu();
    const { openDevice } = await import('../src/engine/device.ts');
    gpu = await openDevice();
    // The first call on a machine without a Vulkan driver downloads one.
  }, 240_000);
  afterEach(() => {
    const failure = gpu?.failure();
    if (failure) throw failure;
  });
  return () => gpu!;
}
