/**
 * Three projects. `unit`: pure Node, in parallel. `gpu` (*.gpu.test.ts): needs an adapter, which src/cli/nodeGpu.ts finds or
 * provides; one process at a time, a fresh one
 * for each file, because tfjs's backend cannot be opened twice in one process and two at once would share two cores.
 * `hardware`: the engine's GPU tests again, with the kernels that GPUs run (RELU_STUDIO_KERNELS in src/engine/device.ts).
 */
import { defineConfig } from 'vitest/config';

const MINUTE = 60_000;

export default defineConfig({
  test: {
    teardownTimeout: 10_000,
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/*.gpu.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'gpu',
          environment: 'node',
          include: ['src/**/*.gpu.test.ts', 'test/**/*.gpu.test.ts', 'bench/**/*.gpu.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 5 * MINUTE,
          hookTimeout: 2 * MINUTE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'hardware',
          environment: 'node',
          include: [
            'src/engine/studio/{step,gradientFlow}.gpu.test.ts',
            'test/{fixtures,randomFixtures,engines}.gpu.test.ts',
          ],
          env: { RELU_STUDIO_KERNELS: 'hardware' },
          pool: 'forks',
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 5 * MINUTE,
          hookTimeout: 2 * MINUTE,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
