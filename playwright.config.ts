/**
 * End-to-end tests: a real Chromium with its software GPU against the built page. One test at a time, because each trains on the
 * CPU.
 */
import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/chromium.mjs';

const PORT = 4273;
// Undefined: Playwright's own. It says how to install one; "node scripts/chromium.mjs --install" does it too.
const executablePath = findChromium() ?? undefined;

// Chromium has its own Vulkan driver. This variable, if set for GPU tests in Node, would hide it, even when empty.
const { VK_DRIVER_FILES: _hidden, ...env } = process.env;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      env: env as Record<string, string>,
      args: [
        '--no-sandbox',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--disable-background-networking',
      ],
    },
  },
  webServer: {
    command: `node scripts/serve.mjs ${process.env.RELU_STUDIO_DIST ?? 'dist'} ${PORT}`,
    url: `http://localhost:${PORT}/`,
    reuseExistingServer: false,
  },
});
