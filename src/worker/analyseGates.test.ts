/** Gate analysis of gates constructed so that their effective dimension is known. */
import { describe, expect, test } from 'vitest';
import type { NetworkSpec } from '../domain/network.ts';
import { mulberry32 } from '../domain/random.ts';
import type { Engine } from '../engine/api.ts';
import { analyseGates, dimensionOf } from './analyseGates.ts';
import { covarianceOf, patternsFrom } from '../domain/gatePatterns.ts';
import { symmetricEigenvalues } from '../domain/eigenvalues.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [16],
  stemGate: false,
  inputShape: [3, 16, 16],
  classes: 10,
};

/** An engine whose pre-activations come from a rule, the same for every call; remembers the largest number of floats it gave. */
function constructed(z: (site: string, image: number, channel: number, position: number) => number, spec = network) {
  const [channels, size] = [spec.widths[0], spec.inputShape[1] * spec.inputShape[2]];
  const engine = {
    largest: 0,
    settings: { network: spec, gates: {}, batch: 1 },
    preActivations: (site: string, indices: Uint32Array) => {
      const data = new Float32Array(indices.length * channels * size);
      engine.largest = Math.max(engine.largest, data.length);
      indices.forEach((image, n) => {
        for (let c = 0; c < channels; c++)
          for (let p = 0; p < size; p++) data[(n * channels + c) * size + p] = z(site, image, c, p);
      });
      return Promise.resolve({ shape: [indices.length, channels, spec.inputShape[1], spec.inputShape[2]], data });
    },
  };
  return engine satisfies Pick<Engine, 'settings' | 'preActivations'> & { largest: number };
}

/** A fair coin that depends on its arguments alone. */
const coin = (...keys: number[]) => {
  const random = mulberry32(keys.reduce((hash, key) => Math.imul(hash ^ key, 0x01000193) >>> 0, 0x811c9dc5));
  random();
  return random() - 0.5;
};
const indices = Uint32Array.from({ length: 40 }, (_, i) => i);
const options = { indices, seed: 1, measure: 'participation' as const };
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('constructed gates', () => {
  test('all channels equal: 1/C at matching positions, near 1 once shuffled', async () => {
    const { sites } = await analyseGates(
      constructed((_, n, _c, p) => coin(n, p)),
      'run',
      options,
    );
    expect(sites.map(({ id }) => id)).toEqual(['layer1.0.gate1', 'layer1.0.gate2']);
    for (const site of sites) {
      for (const value of [...site.images.matching, ...site.positions.matching]) expect(value).toBeCloseTo(1 / 16, 10);
      expect(site.pooled.matching).toBeCloseTo(1 / 16, 10);
      expect(site.pooled.shuffled).toBeGreaterThan(0.97);
      expect(mean(site.images.shuffled)).toBeGreaterThan(0.9);
      expect([...site.correlation].every((r) => Math.abs(r - 1) < 1e-6)).toBe(true);
    }
  });

  test('two groups of equal channels: 2/C, and the order puts each group together', async () => {
    const { sites } = await analyseGates(
      constructed((_, n, c, p) => coin(n, p, c % 2)),
      'run',
      options,
    );
    expect(sites[0].pooled.matching).toBeCloseTo(2 / 16, 3);
    const parity = sites[0].order.map((c) => c % 2);
    expect(parity.filter((value, i) => i > 0 && value !== parity[i - 1])).toHaveLength(1);
    expect(sites[0].open.every((open) => Math.abs(open - 0.5) < 0.03)).toBe(true);
  });

  test('independent gates: close to 1, shuffled or not', async () => {
    const { sites } = await analyseGates(
      constructed((_, n, c, p) => coin(n, p, c + 100)),
      'run',
      options,
    );
    expect(sites[0].pooled.matching).toBeGreaterThan(0.97);
    expect(Math.abs(sites[0].pooled.matching - sites[0].pooled.shuffled)).toBeLessThan(0.02);
  });

  test('constant gates have dimension 0', async () => {
    const { sites } = await analyseGates(
      constructed(() => 1),
      'run',
      options,
    );
    expect(sites[0].pooled).toEqual({ matching: 0, shuffled: 0 });
    expect(sites[0].images.matching.every((value) => value === 0)).toBe(true);
  });
});

test('the smaller matrix of a wide site gives the same dimension as its covariance', () => {
  const random = mulberry32(7);
  const patterns = patternsFrom(24, 10, () => random() < 0.4);
  const covariance = covarianceOf(patterns);
  const eigenvalues = symmetricEigenvalues(covariance, 24);
  const trace = eigenvalues.reduce((a, b) => a + b, 0);
  expect(dimensionOf(patterns, 'participation')).toBeCloseTo(
    trace ** 2 / eigenvalues.reduce((a, b) => a + b * b, 0) / 24,
    10,
  );
  const entropy = eigenvalues.filter((v) => v > 1e-12).reduce((h, v) => h - (v / trace) * Math.log(v / trace), 0);
  expect(dimensionOf(patterns, 'entropy')).toBeCloseTo(Math.exp(entropy) / 24, 10);
});

test('pooled moments of many images are those of all samples together', async () => {
  const engine = constructed((_, n, c, p) => coin(n, p, c >> 1) + (c % 3 === 0 ? 0.2 : 0));
  const { sites } = await analyseGates(engine, 'run', { ...options, measure: 'entropy' });
  const all = patternsFrom(
    16,
    40 * 256,
    (c, k) => coin(Math.floor(k / 256), k % 256, c >> 1) + (c % 3 === 0 ? 0.2 : 0) > 0,
  );
  expect(sites[0].pooled.matching).toBeCloseTo(dimensionOf(all, 'entropy'), 8);
});

test('reads a few images at a time, reports progress and can be cancelled', async () => {
  const wide = { ...network, widths: [64], inputShape: [3, 32, 32] as [number, number, number] };
  const engine = constructed((_, n, c, p) => ((n * 31 + c * 17 + p * 7) % 13) - 6, wide);
  const reported: [number, number][] = [];
  const controller = new AbortController();
  const work = analyseGates(engine, 'run', {
    ...options,
    onProgress: (done, total) => {
      reported.push([done, total]);
      if (reported.length === 2) controller.abort();
    },
    signal: controller.signal,
  });
  await expect(work).rejects.toThrow('Cancelled');
  expect(engine.largest).toBeLessThanOrEqual(1 << 20);
  expect(reported).toEqual([
    [16, 80],
    [32, 80],
  ]);
});
