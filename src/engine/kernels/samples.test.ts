/**
 * Generated WGSL of one common variant of each convolution kernel, kept in samples/ to be read. `vitest run -u` writes them anew after a
 * change of a kernel.
 */
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../gpu/kernel.ts';
import { convKernel } from './conv.ts';
import { convFilterGradientKernel } from './convFilterGradient.ts';
import { convInputGradientKernel } from './convInputGradient.ts';
import type { DirectTile } from './tile.ts';
import { convTiledKernel } from './tiledConv.ts';
import { filterGradientTiledKernel } from './tiledFilterGradient.ts';

const direct: DirectTile = { kind: 'direct', pixels: 2, groups: 1, lanes: 0 };
const plain = { kernel: 3, stride: 1, transposed: false, skip: false, half: false } as const;

const samples: Record<string, Kernel> = {
  'direct-forward': convKernel({ ...plain, exact: false, tile: direct }),
  'direct-input-gradient': convKernel({ ...plain, transposed: true, exact: false, tile: direct }),
  'direct-input-gradient-stride-2': convInputGradientKernel(3, direct),
  'direct-filter-gradient': convFilterGradientKernel({ kernel: 3, stride: 1, tile: direct, threads: 32, exact: false }),
  'tiled-forward': convTiledKernel({ ...plain, m: 64, n: 32, split: false }),
  'tiled-input-gradient': convTiledKernel({ ...plain, transposed: true, m: 64, n: 32, split: false }),
  'tiled-input-gradient-stride-2': convTiledKernel({
    ...plain,
    stride: 2,
    transposed: true,
    m: 64,
    n: 32,
    split: false,
  }),
  'tiled-filter-gradient': filterGradientTiledKernel(3, 1, { m: 64, n: 32 }),
};

describe('samples of generated WGSL', () => {
  it.each(Object.entries(samples))('%s is current', async (name, { key, code }) => {
    const text = code
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .join('\n');
    await expect(`// ${key}\n${text}\n`).toMatchFileSnapshot(`./samples/${name}.wgsl`);
  });
});
