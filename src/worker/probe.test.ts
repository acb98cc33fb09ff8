/** Detecting the GPU, and the advice where there is none. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { howToGetWebGpu, probe } from './probe.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const EDGE =
  'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.0.0 Safari/537.36 Edg/100.0';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const SAFARI = 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';

describe('howToGetWebGpu', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('names the setting or version for the present browser', () => {
    vi.stubGlobal('isSecureContext', true);
    expect(howToGetWebGpu(CHROME)).toMatch(/chrome:\/\/flags\/#enable-unsafe-webgpu/);
    expect(howToGetWebGpu(EDGE)).toMatch(/Chrome or Edge 113/);
    expect(howToGetWebGpu(FIREFOX)).toMatch(/141 or newer on Windows/);
    expect(howToGetWebGpu(SAFARI)).toMatch(/Safari 26/);
  });

  it('names the address first where the page is not secure', () => {
    vi.stubGlobal('isSecureContext', false);
    expect(howToGetWebGpu(CHROME)).toMatch(/https or on localhost/);
  });
});

describe('probe', () => {
  it('distinguishes a browser without WebGPU from one without an adapter', async () => {
    vi.stubGlobal('isSecureContext', true);
    const without = await probe({ userAgent: FIREFOX } as Navigator);
    expect(without).toMatchObject({ available: false, reason: howToGetWebGpu(FIREFOX) });
    const gpu = { requestAdapter: () => Promise.resolve(null) };
    const none = await probe({ userAgent: CHROME, gpu } as unknown as Navigator);
    expect(none.available).toBe(false);
    expect(none.reason).toMatch(/offers no GPU/);
    vi.unstubAllGlobals();
  });

  it('recognizes a software adapter by its name', async () => {
    const limits = { maxBufferSize: 1, maxStorageBufferBindingSize: 2, maxComputeInvocationsPerWorkgroup: 3 };
    const adapter = (architecture: string) => ({
      info: { vendor: 'google', architecture, device: '', description: '' },
      features: new Set(['shader-f16']),
      limits,
    });
    const probed = (architecture: string) =>
      probe({
        userAgent: CHROME,
        gpu: { requestAdapter: () => Promise.resolve(adapter(architecture)) },
      } as unknown as Navigator);
    expect(await probed('swiftshader')).toMatchObject({
      available: true,
      software: true,
      features: ['shader-f16'],
      limits,
    });
    expect((await probed('ampere')).software).toBe(false);
  });
});
