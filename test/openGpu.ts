/** The GPU of a test file: Dawn's adapter, opened once, any device error making the test that meets it fail. */
import { afterEach, beforeAll } from 'vitest';
import { provideGpu } from '../src/cli/nodeGpu.ts';
import type { Gpu } from '../src/engine/device.ts';

/** Call at the top of a GPU test file; the returned function gives the open GPU inside tests. */
export function openGpuForTests(): () => Gpu {
  let gpu: Gpu | null = null;
  beforeAll(async () => {
    await provideGpu();
    const { openDevice } = await import('../src/engine/device.ts');
    gpu = await openDevice();
  }, 60_000);
  afterEach(() => {
    const failure = gpu?.failure();
    if (failure) throw failure;
  });
  return () => gpu!;
}
