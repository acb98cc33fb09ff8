/** The unit tests as mutation testing runs them: those that take long for one mutant are left out (stryker.config.mjs). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    exclude: ['**/*.gpu.test.ts'],
    testTimeout: 20_000,
  },
});
