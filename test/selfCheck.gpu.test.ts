/**
 * The self-check passes here, and fails where one family of kernels computes something else: each family is made wrong once, by a change
 * in its WGSL.
 */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import type { Gpu } from '../src/engine/device.ts';
import type { Fixture } from '../src/engine/selfCheck/fixtureFile.ts';
import { openGpuForTests } from './openGpu.ts';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));

/** Family → which kernels by key, and the text that is replaced. */
const WRONG: Record<string, [key: RegExp, text: string | RegExp, wrong: string]> = {
  'direct convolution': [/^conv k3s1(?!.*transposed)/, 'let left =', 'let left = 1 +'],
  'direct input gradient': [/^conv k\ds1 transposed/, 'let left =', 'let left = 1 +'],
  'direct input gradient of stride 2': [/^input gradient/, 'let bx =', 'let bx = 1u +'],
  'direct filter gradient': [/^filter gradient k3/, 'let left =', 'let left = 1 +'],
  'sum of slices': [/^sum (many )?slices/, 'gradient[i] =', 'gradient[i] = 1.01 *'],
  'tiled convolution 128×64': [/^conv tiled 128×64 k3s1(?!.*transposed)/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled convolution 64×64': [/^conv tiled 64×64 k3s1(?!.*transposed)/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled convolution 64×32': [/^conv tiled 64×32 k3s1(?!.*transposed)/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled convolution 32×32': [/^conv tiled 32×32 k3s1(?!.*transposed)/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled convolution 128×16': [/^conv tiled 128×16 k3s1(?!.*transposed)/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled input gradient': [/^conv tiled .*k3s1.*transposed/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled input gradient of stride 2': [/^conv tiled .*k3s2.*transposed/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'tiled filter gradient': [/^filter gradient tiled/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'Winograd filters': [/^winograd filter/, '0.5 *', '0.51 *'],
  'Winograd pixels': [/^winograd input/, 'let vHalf0_0 =', 'let vHalf0_0 = 1.01 *'],
  'Winograd results': [/^winograd output/, 'let rHalf0_0 =', 'let rHalf0_0 = 1.01 *'],
  'Winograd products': [/positions/, 'var v = a0_0;', 'var v = 1.01 * a0_0;'],
  'sum of parts': [/^sum parts/, 'var sum =', 'var sum = 1.01 *'],
  'batch-norm statistics': [/^norm statistics/, 'sums[1] +=', 'sums[1] += 1.01 *'],
  'batch-norm coefficients': [/^norm finish/, 'let slope =', 'let slope = 1.01 *'],
  'batch-norm folding': [/^norm fold/, 'let slope =', 'let slope = 1.01 *'],
  'batch-norm backward': [/^norm backward/, /var d =/g, 'var d = 1.01 *'],
  'gate forward': [/^site forward/, 'out[index] =', 'out[index] = 1.01 *'],
  'gate backward': [/^site backward/, 'downstream[at + channel4] =', 'downstream[at + channel4] = 1.01 *'],
  'gate parameters': [/^site finish/, /var v = /g, 'var v = 1.01 * '],
  pooling: [/^pool/, 'pooled[gid.x] =', 'pooled[gid.x] = 1.01 *'],
  classifier: [/^linear$/, 'sum.x', '1.01 * sum.x'],
  'classifier parameter gradient': [/^linear parameter/, 'dweight[gid.x] =', 'dweight[gid.x] = 1.01 *'],
  'classifier input gradient': [/^linear input/, 'sum = sum', 'sum = 1.01 * sum'],
  loss: [/^loss/, 'let crossEntropy =', 'let crossEntropy = 0.01 +'],
  'metrics sums': [/^metrics/, 'totals[2] +=', 'totals[2] += 1.01 *'],
  optimizer: [/^optimizer/, 'let rate =', 'let rate = 1.5 *'],
  'gathering images': [/^gather/, 'raw / 255.0', 'raw / 256.0'],
};

/** The GPU with a device of its own cache whose compiler changes the sources of some kernels. */
function wrongGpu(gpu: Gpu, [key, text, wrong]: (typeof WRONG)[string]): { gpu: Gpu; changed: () => number } {
  let changed = 0;
  const device = new Proxy(gpu.device, {
    get(target, name) {
      if (name === 'createShaderModule')
        return (descriptor: GPUShaderModuleDescriptor) => {
          if (!key.test(descriptor.label ?? '')) return target.createShaderModule(descriptor);
          const code = descriptor.code.replace(text, wrong);
          if (code !== descriptor.code) changed++;
          return target.createShaderModule({ ...descriptor, code });
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return { gpu: { ...gpu, device }, changed: () => changed };
}

describe('the self-check', () => {
  const gpu = openGpuForTests();
  let fixtures: Fixture[];
  beforeAll(async () => {
    fixtures = await Promise.all(['relu-odd-widths', 'snl-over-share'].map((name) => loadFixture(join(folder, name))));
  });

  it('passes on this adapter, with every tile and stock tfjs, and reports the adapter and a speed table', async () => {
    const { selfCheck, failureText } = await import('../src/engine/selfCheck.ts');
    const steps: number[] = [];
    const report = await selfCheck(gpu(), fixtures, (done, total) => steps.push(done / total));
    expect(failureText(report)).toBeNull();
    expect(report.passed).toBe(true);
    expect(report.checks.map(({ engine }) => engine)).toEqual([
      'studio',
      'studio',
      ...['128×64', '64×64', '64×32', '32×32', '128×16'].map((tile) => `studio, ${tile} tiles`),
      'studio, Winograd',
      'stock tfjs',
    ]);
    expect(report.adapter.description).toBe(gpu().description);
    expect(report.speed.length).toBeGreaterThanOrEqual(5);
    for (const { gflops } of report.speed) expect(gflops).toBeGreaterThan(0);
    expect(steps.at(-1)).toBe(1);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it.each(Object.keys(WRONG))('finds a wrong %s', async (family) => {
    const { studioChecks } = await import('../src/engine/selfCheck.ts');
    const wrong = wrongGpu(gpu(), WRONG[family]);
    // Families of tiles run only where the check forces that tile.
    const tile =
      /\d+×\d+/.exec(family)?.[0] ??
      (family.startsWith('Winograd') ? 'Winograd' : /^tiled|parts/.test(family) ? '64×32' : null);
    const checks = await studioChecks(wrong.gpu, fixtures, (engine) =>
      tile ? engine.includes(tile) : engine === 'studio',
    );
    expect(wrong.changed()).toBeGreaterThan(0);
    expect(checks.some(({ passed }) => !passed)).toBe(true);
  });
});
